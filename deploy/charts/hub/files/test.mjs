// `helm test`: the archive answers, nothing is told without a login, and the gateways' port has a certificate of the hub's CA for the name
// that it is called by, and wants one from whoever calls.
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect } from 'node:tls';

const { PAGE, GATEWAYS } = process.env;

function ask(path) {
  const get = PAGE.startsWith('https:') ? getSecure : getPlain;
  return new Promise((resolve, reject) => {
    // The page may have a certificate of any authority; nothing secret is sent.
    get(`${PAGE}${path}`, { rejectUnauthorized: false, timeout: 10_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    })
      .on('timeout', () => reject(new Error(`${path}: no answer within 10 s`)))
      .on('error', reject);
  });
}

async function expectStatus(path, status) {
  const answer = await ask(path);
  if (answer.status !== status) throw new Error(`${path}: ${answer.status} instead of ${status}`);
  console.log(`ok  ${path} answers ${status}`);
  return answer.text;
}

function callAsNobody(ca) {
  const [host, port] = GATEWAYS.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), servername: host, ca, timeout: 10_000 }, () => {
      console.log(`ok  ${GATEWAYS} has a certificate of the hub's CA`);
      // A server that takes callers without a certificate would wait for a first packet now.
      socket.write(Buffer.from([0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61]));
    });
    socket.on('data', () => reject(new Error(`${GATEWAYS} talks to whoever has no certificate`)));
    socket.on('timeout', () => reject(new Error(`${GATEWAYS}: no answer within 10 s`)));
    socket.on('error', (error) => {
      if (/certificate required|ECONNRESET|EPIPE/i.test(`${error.code} ${error.message}`)) resolve();
      else reject(error);
    });
    socket.on('close', resolve);
  });
}

try {
  await expectStatus('/healthz', 200);
  await expectStatus('/readyz', 200);
  await expectStatus('/api/v1/gateways', 401);
  await callAsNobody(await expectStatus('/api/v1/ca.crt', 200));
  console.log(`ok  ${GATEWAYS} refuses whoever has no certificate`);
  process.exit(0);
} catch (error) {
  console.error(`failed  ${error.message}`);
  process.exit(1);
}
