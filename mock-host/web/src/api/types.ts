// The host's documents, as far as the pages read them (/api/openapi.json).

export type Localized = string | { en: string; ru: string };

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Values = { [field: string]: Json };

export type Role = "Administrator" | "TenantAdministrator" | "User";

export interface Session {
  name: string;
  role: Role;
  tenant: string;
  chosenTenant: string;
  csrfToken: string;
  tenants: { id: string; name: string; timeOffset: number }[];
}

// A JSON Schema and its UI schema, as a plugin wrote them: titles may be in several languages.
export interface Form {
  schema: Values;
  uiSchema: Values;
}

export interface SettingsPage extends Form {
  id: string;
  plugin: string;
  title: Localized;
  columns: { field: string; title: Localized; more?: boolean }[]; // more: shown on demand
  actions: string[];
  actionTitles: Record<string, Localized>;
  addTitle?: Localized;
  rowActions?: Record<string, Values>; // a JSON Schema for the items that each is offered for
  fills?: Record<string, string>; // the field that what an action finds goes into
}

export interface Trouble {
  step: string;
  serverText: string | null;
  advice: string | null;
  text?: string;
  at?: string;
}

export type SettingsItem = Values & { id: string; readOnly: boolean; state?: string };

export interface TriggerType extends Form {
  id: string;
  plugin: string;
  title: Localized;
}

export interface TriggerOfTask {
  id?: string;
  type: string;
  parameters: Values;
}

export interface Task {
  id: string;
  name: string;
  project: string;
  state: "stopped" | "started";
  triggers: Required<TriggerOfTask>[];
  createdAt: string;
  changedAt: string;
}

export interface TriggerState {
  id: string;
  type: string;
  task: { id: string; name: string };
  state: string;
  since: string | null;
  lastFired: string | null;
  lastMail: string | null;
  error: Trouble | null;
  putOff?: { count: number; quarantined: number };
  held?: { count: number; ofTask: number; since: string; reason: string; message: string } | null;
}

export interface Message {
  id: string;
  messageId: string | null;
  subject: string | null;
  from: string | null;
  receivedAt: string;
  decidedAt: string;
  triggered: boolean;
  duplicate: boolean;
  state: string;
  reason: { code: string; text: string };
  jobId: string | null;
  attempts: number;
  nextTry: string | null;
}

export type JobState = "queued" | "starting" | "running" | "succeeded" | "failed" | "interrupted";

export interface Job {
  id: string;
  task: string;
  taskName: string;
  trigger: string;
  state: JobState;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  exitCode: number | null;
  retryOf: string | null;
  receivedAt?: string | null;
  mails?: number | null; // how many started it
  subject?: string | null; // of the first of them
  error: string | null;
}

export interface WholeJob extends Job {
  project: string;
  payload: Values | null;
  output: string;
}

export interface JournalEntry {
  id: string;
  at: string;
  code: number;
  name: string;
  plugin: string;
  tenant: string;
  user: string | null;
  subject: { kind: string; id: string; name: string };
  details: Values;
}

export interface Plugin {
  folder: string;
  state: string;
  error: string | null;
  id: string | null;
  version: string | null;
  interface: string | null;
  name: Localized | null;
  description: Localized | null;
  extensions: string[];
}
