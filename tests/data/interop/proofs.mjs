// Signs or verifies with the packages of Digital Bazaar: one JSON job on standard input, one answer.
//
// job: {task, cryptosuite, document, contexts: {url: json}, key: Multikey, controllers: {id: json},
//       date, pointers?}
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as ecdsaSd from '@digitalbazaar/ecdsa-sd-2023-cryptosuite';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import * as eddsaJcs from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import jsigs from 'jsonld-signatures';

const chunks = [];
for await (const chunk of process.stdin) {
  chunks.push(chunk);
}
const job = JSON.parse(Buffer.concat(chunks).toString());

const suites = {
  'eddsa-rdfc-2022': () => eddsaRdfc,
  'ecdsa-rdfc-2019': () => ecdsaRdfc,
  'ecdsa-sd-2023': task => ({
    sign: () => ecdsaSd.createSignCryptosuite({mandatoryPointers: job.pointers}),
    derive: () => ecdsaSd.createDiscloseCryptosuite({selectivePointers: job.pointers}),
    verify: () => ecdsaSd.createVerifyCryptosuite()
  })[task](),
  'eddsa-jcs-2022': task => task === 'sign' ?
    eddsaJcs.createSignCryptosuite() : eddsaJcs.createVerifyCryptosuite()
};

async function documentLoader(url) {
  const document = job.contexts[url] ?? job.controllers[url];
  if(!document) {
    throw new Error(`not known: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: structuredClone(document)};
}

async function signer() {
  const of = job.cryptosuite.startsWith('eddsa') ? Ed25519Multikey : EcdsaMultikey;
  return (await of.from(job.key)).signer();
}

const {AssertionProofPurpose} = jsigs.purposes;
const cryptosuite = suites[job.cryptosuite](job.task);
let answer;
if(job.task === 'sign') {
  const suite = new DataIntegrityProof({signer: await signer(), date: job.date, cryptosuite});
  const purpose = new AssertionProofPurpose();
  answer = await jsigs.sign(job.document, {suite, purpose, documentLoader});
} else if(job.task === 'derive') {
  const suite = new DataIntegrityProof({cryptosuite});
  const purpose = new AssertionProofPurpose();
  answer = await jsigs.derive(job.document, {suite, purpose, documentLoader});
} else {
  const suite = new DataIntegrityProof({cryptosuite});
  const purpose = new AssertionProofPurpose();
  const result = await jsigs.verify(job.document, {suite, purpose, documentLoader});
  answer = {verified: result.verified, error: result.error?.errors?.map(e => e.message)};
}
process.stdout.write(JSON.stringify(answer));
