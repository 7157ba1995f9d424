// The jsonld.js side of proofs.py: verifies or signs CLRs with jsonld.js (safe mode) and the
// Ed25519 of Node. Arguments: what to do, folder, times of credentials...
import {createHash, createPrivateKey, createPublicKey, sign, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';

const jsonld = createRequire(import.meta.url)('jsonld');
const [task, folder, ...numbers] = process.argv.slice(2);
const read = name => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const contexts = read('contexts.json');
const {created, verificationMethod} = read('options.json');
const key = createPrivateKey(readFileSync(join(folder, 'key.pem')));
const publicKey = createPublicKey(key);

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const base58 = bytes => {
  let number = BigInt('0x' + bytes.toString('hex'));
  let text = '';
  for(; number > 0n; number /= 58n) {
    text = ALPHABET[Number(number % 58n)] + text;
  }
  return 'z' + '1'.repeat(bytes.findIndex(byte => byte)) + text;
};
const fromBase58 = text => {
  let number = 0n;
  for(const letter of text.slice(1)) {
    number = number * 58n + BigInt(ALPHABET.indexOf(letter));
  }
  return Buffer.from(number.toString(16).padStart(128, '0'), 'hex');
};

const options = {
  algorithm: 'RDFC-1.0', format: 'application/n-quads', safe: true,
  documentLoader: async url => ({contextUrl: null, documentUrl: url, document: contexts[url]})
};
const hash = async document =>
  createHash('sha256').update(await jsonld.canonize(document, options)).digest();
const data = async (document, config) => Buffer.concat([
  await hash({'@context': document['@context'], ...config}), await hash(document)
]);

async function check(credential) {
  const {proof, ...document} = credential;
  const {proofValue, ...config} = [proof].flat()[0];
  if(!verify(null, await data(document, config), publicKey, fromBase58(proofValue))) {
    throw new Error('a proof does not hold');
  }
}

async function secure(document) {
  const config = {
    type: 'DataIntegrityProof', cryptosuite: 'eddsa-rdfc-2022', created, verificationMethod,
    proofPurpose: 'assertionMethod'
  };
  const proofValue = base58(sign(null, await data(document, config), key));
  return {...document, proof: {...config, proofValue}};
}

const found = {};
for(const [turn, number] of [40, ...numbers].entries()) {
  const text = readFileSync(join(folder, `${task}-${number}.json`), 'utf8');
  const start = performance.now();
  const clr = JSON.parse(text);
  const subject = clr.credentialSubject;
  let value = [clr.proof].flat()[0]?.proofValue;
  if(task === 'verify') {
    for(const credential of subject.verifiableCredential) {
      await check(credential);
    }
    await check(clr);
  } else {
    const inside = [];
    for(const credential of subject.verifiableCredential) {
      inside.push(await secure(credential));
    }
    subject.verifiableCredential = inside;
    value = (await secure(clr)).proof.proofValue;
  }
  if(turn) {
    found[number] = [(performance.now() - start) / 1000, value];
  }
}
console.log(JSON.stringify(found));
