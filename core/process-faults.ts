import type { FaultEntry } from './fault-entry.ts';

/** Faults of settings, journal, sync, access: of anything but a single reading. */
export const PROCESS_FAULTS = {
  // Settings and usage.
  'settings-invalid': {
    recovery: 'stop',
    text: 'The configuration has problems',
    action: 'Correct the lines named; `sluice check -c FILE` shows them all',
  },
  'file-missing': { recovery: 'stop', text: 'A file cannot be read', action: 'Check the path and its permissions' },
  'file-unwritable': {
    recovery: 'stop',
    text: 'A file cannot be written',
    action: 'Check the path, its permissions, and the space that is left',
  },
  'data-dir': {
    recovery: 'stop',
    text: 'The data directory cannot be used',
    action: 'Check `dataDir` or --data, and who may write there',
  },
  usage: {
    recovery: 'stop',
    text: 'The command was called wrongly',
    action: 'See `sluice --help`, and `sluice VERB --help`',
  },
  'left-out': {
    recovery: 'stop',
    text: 'This installation is for gateways alone',
    action:
      'Use the container built with `--build-arg FOR=all`, or a tarball made without `--gateway-only`; elsewhere `npm ci` puts in what is missing',
  },
  'value-unfit': {
    recovery: 'skip',
    text: 'The value cannot be written to this point',
    action: 'Write a value that the type, the range and the texts of the point allow; nothing was sent to the device',
  },
  'port-taken': {
    recovery: 'skip',
    text: 'The TCP port is in use by another program',
    action: 'Choose another port, or stop the other program',
  },
  'archive-exists': {
    recovery: 'stop',
    text: 'There is an archive already',
    action: 'Choose another data directory, or say --replace: the archive there is kept beside',
  },
  'backup-damaged': {
    recovery: 'stop',
    text: 'The backup is not whole',
    action: 'Take another backup; this one was changed or cut short after it was made',
  },
  'already-running': {
    recovery: 'stop',
    text: 'Another process uses this data directory',
    action: 'Stop it, or choose another `dataDir`',
  },
  'not-running': {
    recovery: 'stop',
    text: 'No process answers for this data directory',
    action: 'Start it first, or check --data',
  },

  // The journal.
  'journal-missing': {
    recovery: 'stop',
    text: 'The journal was provisioned but its files are gone or incomplete',
    action: 'Restore the data directory; to begin a new journal on purpose, remove the file `provisioned`',
  },
  'journal-write': {
    recovery: 'reconnect',
    text: 'Writing to the journal failed; it is opened anew',
    action: 'Check the disk: `dmesg`, free space, read-only mounts',
  },
  'frame-damaged': {
    recovery: 'skip',
    text: 'A stored frame fails its checksum; it is set aside and declared lost',
    action: 'Replace the card: it flips bits',
  },

  // The frame and the sync.
  'frame-malformed': {
    recovery: 'skip',
    text: 'A frame breaks the format or its bounds',
    action: 'Update the older side; report it if both are current',
  },
  'no-session': {
    recovery: 'retry',
    text: 'The hub does not know this session',
    action: 'Nothing: the gateway says hello again by itself',
  },
  'out-of-sequence': {
    recovery: 'retry',
    text: "A frame does not follow the hub's cursor",
    action: 'Nothing: the gateway goes back to the cursor by itself',
  },
  'chain-mismatch': {
    recovery: 'retry',
    text: 'A frame does not continue the history the hub has',
    action: 'See whether this gateway was cloned or restored from an image',
  },
  'catalogue-missing': {
    recovery: 'retry',
    text: 'The hub lacks the catalogue a frame refers to',
    action: 'Nothing: the hub asks for it',
  },
  'identity-held': {
    recovery: 'retry',
    text: 'Another live gateway has this identity, with another history',
    action: 'Find the copy; enrol one of the two under a new id',
  },
  'message-malformed': {
    recovery: 'skip',
    text: 'A message breaks its schema',
    action: 'Update the older side; report it if both are current',
  },
  'hub-unreachable': {
    recovery: 'reconnect',
    text: 'The hub cannot be reached',
    action: 'Check link, address, DNS and firewall; readings are kept until then',
  },
  'hub-refused': {
    recovery: 'reconnect',
    text: 'The hub refused this gateway',
    action: 'Check the certificate and whether it was revoked; join again with a new token',
  },
  'sync-stuck': {
    recovery: 'reconnect',
    text: 'The hub is there and what is journalled does not get on',
    action: "Read both logs: they name the refusal and its place; check the hub's disk; the journal keeps everything",
  },
  'archive-write': {
    recovery: 'retry',
    text: 'The hub could not store; it stops acknowledging and tries again',
    action: "Check the hub's disk",
  },

  'archive-newer': {
    recovery: 'stop',
    text: 'The archive was written by a newer release',
    action: 'Update this program, or restore a backup made by this release',
  },
  'fault-unknown': {
    recovery: 'skip',
    text: 'The gateway names a fault that this hub does not know',
    action: 'Update the hub: it is older than the gateway',
  },

  // Identity and access.
  'not-enrolled': {
    recovery: 'stop',
    text: 'This gateway has no certificate yet',
    action: 'Create a token at the hub (`sluice token create`) and run `sluice join`',
  },
  'token-refused': {
    recovery: 'stop',
    text: 'The join token is wrong, used, expired or for another gateway',
    action: 'Create a new one with `sluice token create`',
  },
  'gateway-refused': {
    recovery: 'stop',
    text: 'Whoever came where gateways connect was refused',
    action: 'The detail says why. If it is one of yours: `sluice doctor` there; else look who is at that address',
  },
  'ca-awaited': {
    recovery: 'stop',
    text: 'Some gateways do not know the new CA yet and would be locked out',
    action: 'Wait until they have connected (`sluice ca status`), or end it with `--force` and join them anew',
  },
  'renewal-refused': {
    text: 'The hub gives this gateway no new certificate',
    action: 'If it was revoked, make a new token on the hub and join again; else it asks again by itself',
    recovery: 'retry',
  },
  'csr-refused': {
    recovery: 'stop',
    text: 'The certificate request cannot be signed',
    action: 'Join with `sluice join`: it makes an EC P-256 key and signs the request with it',
  },
  'key-exposed': {
    recovery: 'stop',
    text: 'A private key can be read by other users of this machine',
    action: 'Run `chmod 600` on the file named, and find out who read it',
  },
  'hub-untrusted': {
    recovery: 'reconnect',
    text: "The hub's certificate does not fit its address, its CA or the time",
    action: "Check `hub.url`, `names:` in hub.yaml, and this machine's clock",
  },
  'ca-mismatch': {
    recovery: 'stop',
    text: "The hub's CA is not the one the token names",
    action: "Check the hub's address: this may be another machine posing as the hub",
  },
  'login-refused': {
    recovery: 'retry',
    text: 'Name or password is wrong, or too many attempts',
    action: 'Wait as long as the answer says; `sluice user passwd` sets a new password',
  },
  'login-needed': {
    recovery: 'skip',
    text: 'This needs a login or an API key',
    action: 'Log in, or send `Authorization: Bearer KEY`; `sluice apikey create` makes a key',
  },
  forbidden: {
    recovery: 'skip',
    text: 'Your role does not allow this',
    action: 'Ask an administrator of this hub',
  },
  'last-admin': {
    recovery: 'skip',
    text: 'This would leave nobody who may administer the hub',
    action: 'Make another user an administrator of all sites first',
  },
  'setup-refused': {
    recovery: 'skip',
    text: 'The set-up code is wrong, used or older than a day',
    action: 'Start the hub again: it prints a new one; or run `sluice user add NAME --role admin` on its machine',
  },
  'sso-refused': {
    recovery: 'skip',
    text: 'Single sign-on was refused',
    action:
      'Try again from the login page; an administrator finds the reason in the audit log and sets `auth.oidc` in hub.yaml',
  },
  'sso-unreachable': {
    recovery: 'retry',
    text: 'The provider of single sign-on does not answer as it should',
    action:
      "Check `auth.oidc` in hub.yaml, DNS, the firewall and the provider's certificate; passwords of the hub work meanwhile",
  },
  'request-foreign': {
    recovery: 'skip',
    text: 'The request names a host or comes from a page that is not this hub',
    action: 'Open the hub by a name listed under `names:` in hub.yaml',
  },
  'request-invalid': {
    recovery: 'skip',
    text: 'The request has problems',
    action: 'Correct what is named; /api/v1/openapi.json describes every call',
  },
  'receiver-failed': {
    recovery: 'retry',
    text: 'A receiver of notifications did not take a message; it is tried again for a day',
    action: 'Check address, secret and network; the test button of the receiver tries it at once',
  },
  'receiver-refused': {
    recovery: 'skip',
    text: 'A receiver of notifications refused a message for good',
    action: 'Read its answer in the log of notifications, and correct its settings in hub.yaml',
  },
  'alarm-unfit': {
    recovery: 'skip',
    text: 'The alarm does not take this action as it stands',
    action: 'Look at the alarm again: it has changed since, or its rule does not allow it',
  },
  'document-changed': {
    recovery: 'skip',
    text: 'Somebody else has changed it since you opened it',
    action: 'Open it anew and make your change again; its versions show what the other did',
  },
  'picture-refused': {
    recovery: 'skip',
    text: 'The picture cannot be taken',
    action: 'Give a PNG, JPEG, WebP or SVG file of at most 5 MB',
  },
  'pictures-full': {
    recovery: 'retry',
    text: 'The hub keeps as many pictures as it can',
    action: 'Take pictures out of plans and boards that need them no more; what nobody names goes after a day',
  },
  'not-found': { recovery: 'skip', text: 'There is no such thing', action: 'Check the name' },
} as const satisfies Record<string, FaultEntry>;
