// WatermelonDB in the scenarios that every client goes through.

import { scenarios } from '../support/scenarios.mjs';
import { WatermelonPhone } from './phone.mjs';

scenarios('WatermelonDB', WatermelonPhone);
