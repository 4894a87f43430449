import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { AppError } from '../kernel/errors.ts';
import { isLoopbackAddress, isPublicAddress } from './addresses.ts';

export interface ConnectorRules {
  allowLoopbackForDevelopment: boolean;
  /** Milliseconds for name, dial and TLS together. */
  timeout: number;
  /** How names become addresses. Default: the system's way. */
  lookup?: LookupFunction;
}

/**
 * A connector that lets a connection through only to addresses that may be called. The check is made on the address that is
 * dialled: a name's addresses are filtered between being looked up and being dialled (a second look-up cannot slip in), a
 * literal address, which is never looked up, is checked before, and the peer of the open socket once more.
 */
export function createGuardedConnector(rules: ConnectorRules): buildConnector.connector {
  const mayCall = {
    'https:': (address: string) =>
      isPublicAddress(address) || (rules.allowLoopbackForDevelopment && isLoopbackAddress(address)),
    'http:': (address: string) => rules.allowLoopbackForDevelopment && isLoopbackAddress(address),
  };
  const connectors = {
    'https:': buildConnector(options(mayCall['https:'])),
    'http:': buildConnector(options(mayCall['http:'])),
  };

  function options(allowed: (address: string) => boolean) {
    return { timeout: rules.timeout, allowH2: false, lookup: filterLookup(rules.lookup ?? systemLookup, allowed) };
  }

  return (target, callback) => {
    const { protocol } = target;
    if (protocol !== 'https:' && protocol !== 'http:') return callback(refusal(`${protocol} is not called.`), null);
    const allowed = mayCall[protocol];
    const literal = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !allowed(literal))
      return callback(refusal(`The address ${literal} is not public.`), null);
    connectors[protocol](target, (error, socket) => {
      if (error) return callback(error, null);
      if (allowed(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(refusal(`The address ${socket.remoteAddress} is not public.`), null);
    });
  };
}

function filterLookup(lookup: LookupFunction, allowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const passed = addresses.filter(({ address }) => allowed(address));
      const [first] = passed;
      if (!first) {
        const refused = addresses.map(({ address }) => address).join(', ');
        return callback(refusal(`${hostname} is at ${refused || 'no address'}, which is not public.`), '');
      }
      if (options.all) callback(null, passed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(detail: string): AppError {
  return new AppError('EGRESS_REFUSED', { detail });
}
