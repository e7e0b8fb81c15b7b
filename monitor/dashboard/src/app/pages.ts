import type { FunctionComponent } from 'preact';
import type { Me } from '../data/api.ts';
import type { Key } from '../data/en.ts';
import { Overview } from '../pages/overview/page.tsx';
import { ICONS } from './icons.ts';

export interface PageEntry {
  /** First part of the address. */
  readonly key: string;
  /** The path of a drawing of 24 by 24. */
  readonly icon: string;
  readonly title: Key;
  /** Pressed after `g`. */
  readonly letter?: string;
  readonly load: () => Promise<FunctionComponent>;
  /** Who sees it; left out: everybody. */
  readonly roles?: readonly Me['role'][];
  /** Found by its address and by the search only. */
  readonly isHidden?: true;
  /** Stands in the bottom bar of a phone. */
  readonly isOnPhones?: true;
}

/** Every page of the hub, in the order of the rail. A page is here and in its folder, nowhere else. */
export const PAGES: readonly PageEntry[] = [
  {
    key: 'overview',
    icon: ICONS.overview,
    title: 'page.overview',
    letter: 'o',
    // The first thing that is seen: it comes with the shell.
    load: async () => Overview,
    isOnPhones: true,
  },
  {
    key: 'alarms',
    icon: ICONS.alarms,
    title: 'page.alarms',
    letter: 'a',
    load: async () => (await import('../pages/alarms/page.tsx')).Alarms,
    isOnPhones: true,
  },
  {
    key: 'plan',
    icon: ICONS.plan,
    title: 'page.plan',
    letter: 'f',
    load: async () => (await import('../pages/plan/page.tsx')).FloorPlan,
  },
  {
    key: 'equipment',
    icon: ICONS.equipment,
    title: 'page.equipment',
    letter: 'e',
    load: async () => (await import('../pages/equipment/page.tsx')).Equipment,
    isOnPhones: true,
  },
  {
    key: 'board',
    icon: ICONS.board,
    title: 'page.board',
    letter: 'b',
    load: async () => (await import('../pages/board/page.tsx')).BoardPage,
  },
  {
    key: 'points',
    icon: ICONS.points,
    title: 'page.points',
    letter: 'p',
    load: async () => (await import('../pages/points/page.tsx')).PointsPage,
  },
  {
    key: 'trends',
    icon: ICONS.trends,
    title: 'page.trends',
    letter: 't',
    load: async () => (await import('../pages/trends/page.tsx')).Trends,
  },
  {
    key: 'energy',
    icon: ICONS.energy,
    title: 'page.energy',
    letter: 'n',
    load: async () => (await import('../pages/energy/page.tsx')).EnergyPage,
  },
  {
    key: 'rounds',
    icon: ICONS.rounds,
    title: 'page.rounds',
    letter: 'r',
    load: async () => (await import('../pages/rounds/page.tsx')).RoundsPage,
  },
  {
    key: 'reports',
    icon: ICONS.reports,
    title: 'page.reports',
    letter: 'd',
    load: async () => (await import('../pages/reports/page.tsx')).ReportsPage,
  },
  {
    key: 'gateways',
    icon: ICONS.gateways,
    title: 'page.gateways',
    letter: 'w',
    load: async () => (await import('../pages/gateways/page.tsx')).GatewaysPage,
  },
  {
    key: 'commands',
    icon: ICONS.commands,
    title: 'page.commands',
    letter: 'c',
    load: async () => (await import('../pages/commands/page.tsx')).CommandsPage,
  },
  {
    key: 'settings',
    icon: ICONS.settings,
    title: 'page.settings',
    letter: 's',
    load: async () => (await import('../pages/settings/page.tsx')).Settings,
  },
  {
    key: 'connect',
    icon: ICONS.gateways,
    title: 'page.connect',
    load: async () => (await import('../pages/connect/page.tsx')).ConnectPage,
    roles: ['admin'],
    isHidden: true,
  },
  {
    key: 'rollouts',
    icon: ICONS.gateways,
    title: 'page.rollouts',
    load: async () => (await import('../pages/rollouts/page.tsx')).RolloutsPage,
    isHidden: true,
  },
  {
    key: 'kit',
    icon: ICONS.kit,
    title: 'page.kit',
    load: async () => (await import('../pages/kit/page.tsx')).KitPage,
    isHidden: true,
  },
];

export function findPage(key: string): PageEntry | undefined {
  return PAGES.find((page) => page.key === key);
}

export function isPage(key: string): boolean {
  return findPage(key) !== undefined;
}

/** The pages a person finds without knowing their address. */
export function pagesFor(role: Me['role']): readonly PageEntry[] {
  return PAGES.filter(({ roles, isHidden }) => !isHidden && (roles === undefined || roles.includes(role)));
}
