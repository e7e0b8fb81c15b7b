// Docker's HEALTHCHECK without curl: ends with 0 if the process answers that it is well. A certificate is not looked at: this is this
// container's own loopback, and a hub's page has one of its own authority.
import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

const url = process.env.SLUICE_HEALTH_URL ?? 'http://127.0.0.1:8081/healthz';
const get = url.startsWith('https:') ? getSecure : getPlain;
get(url, { timeout: 4000, rejectUnauthorized: false }, ({ statusCode }) => {
  if (statusCode === 200) process.exit(0);
  console.error(`${url} answers ${statusCode}`);
  process.exit(1);
})
  .on('timeout', () => {
    console.error(`${url} does not answer`);
    process.exit(1);
  })
  .on('error', ({ message }) => {
    console.error(message);
    process.exit(1);
  });
