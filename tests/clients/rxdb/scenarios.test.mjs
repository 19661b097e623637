// RxDB in the scenarios that every client goes through.

import { scenarios } from '../support/scenarios.mjs';
import { RxPhone } from './phone.mjs';

scenarios('RxDB', RxPhone);
