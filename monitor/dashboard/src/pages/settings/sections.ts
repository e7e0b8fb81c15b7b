import type { FunctionComponent } from 'preact';
import type { Me } from '../../data/api.ts';
import { administers } from './administers.ts';
import { AuditSection } from './audit.tsx';
import { KeysSection } from './keys.tsx';
import { MeSection } from './me.tsx';
import { NotifySection } from './notify.tsx';
import { tw } from './notify-texts.ts';
import { SessionsSection } from './sessions.tsx';
import { tl } from './site-texts.ts';
import { SitesSection } from './sites.tsx';
import { ts } from './texts.ts';
import { UsersSection } from './users.tsx';

export interface Section {
  /** Second part of the address: `#/settings/<key>`. */
  readonly key: string;
  readonly title: () => string;
  readonly isFor: (me: Me) => boolean;
  readonly View: FunctionComponent;
}

/** Every section of the settings, in their order: a section is here and in its file, nowhere else. */
export const SECTIONS: readonly Section[] = [
  { key: 'me', title: () => ts('me'), isFor: () => true, View: MeSection },
  { key: 'notify', title: () => tw('notify'), isFor: administers, View: NotifySection },
  { key: 'sites', title: () => tl('sites'), isFor: administers, View: SitesSection },
  { key: 'users', title: () => ts('users'), isFor: administers, View: UsersSection },
  { key: 'sessions', title: () => ts('sessions'), isFor: administers, View: SessionsSection },
  { key: 'keys', title: () => ts('keys'), isFor: administers, View: KeysSection },
  { key: 'audit', title: () => ts('audit'), isFor: administers, View: AuditSection },
];
