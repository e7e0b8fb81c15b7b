/**
 * Packages that no code of the gateway imports (test/deploy/package.test.ts): its container leaves them out, half of what would otherwise
 * be carried to each site for nothing.
 */
export const HUB_ONLY: readonly string[] = [
  '@duckdb/node-api',
  '@expo-google-fonts/nanum-gothic',
  '@fastify/cookie',
  '@fastify/static',
  '@rgrove/parse-xml',
  'ajv',
  'fastify',
  'fontkit',
  'image-size',
  'nodemailer',
  'openid-client',
  'pdfkit',
  'yazl',
];
