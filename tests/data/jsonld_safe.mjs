// Reads {"contexts": {url: context}} and then documents, one JSON value a line; answers each
// document with its canonical N-Quads by jsonld.js in safe mode, or with what is wrong.
// Where jsonld.js lies elsewhere, NODE_PATH names its node_modules.
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';

const jsonld = createRequire(import.meta.url)('jsonld');
let contexts;

const documentLoader = async url => {
  if(!(url in contexts)) {
    throw new Error(`unknown context ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: contexts[url]};
};

for await (const line of createInterface({input: process.stdin})) {
  const value = JSON.parse(line);
  let answer;
  if(contexts === undefined) {
    contexts = value.contexts;
    answer = {ready: true};
  } else {
    try {
      const nquads = await jsonld.canonize(value, {
        algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, safe: true
      });
      answer = {nquads};
    } catch(error) {
      answer = {error: `${error.details?.event?.code ?? error.name}: ${error.message}`};
    }
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
