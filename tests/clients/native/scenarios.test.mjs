// The reference client in the scenarios that every client goes through.

import { scenarios } from '../support/scenarios.mjs';
import { NativePhone } from './phone.mjs';

scenarios('the reference client', NativePhone);
