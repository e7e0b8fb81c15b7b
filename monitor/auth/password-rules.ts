import { Fault } from '../../core/faults.ts';

/** Length is what counts; a few words that one remembers will do [NIST SP 800-63B, 5.1.1]. */
const SHORTEST_PASSWORD = 12;
const LONGEST_PASSWORD = 1024;
/** Fewer are a key that was held down. */
const LEAST_DIFFERENT = 5;

/** Throws Fault request-invalid, with the reason. */
export function checkPassword(password: string, name: string): void {
  if (password.length < SHORTEST_PASSWORD || password.length > LONGEST_PASSWORD)
    throw new Fault('request-invalid', `a password has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`);
  if (new Set(password).size < LEAST_DIFFERENT)
    throw new Fault('request-invalid', `a password has at least ${LEAST_DIFFERENT} different characters`);
  const rest = password.toLowerCase().replaceAll(name.toLowerCase(), '');
  if (rest.length < password.length && rest.length < SHORTEST_PASSWORD / 2)
    throw new Fault('request-invalid', 'a password is more than the name');
}
