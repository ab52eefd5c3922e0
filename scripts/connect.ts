import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { CliError } from './cli-error.ts';

/** How long one call to Temporal may take (ms) before it counts as not answered. */
export const callMs = 5_000;

/** A connection to Temporal, as the profile and the environment name it. */
export interface Temporal {
  readonly client: Client;
  readonly namespace: string;
}

const defaultAddress = 'localhost:7233';

/** Where Temporal is looked for, by the same profiles and variables; the default where they cannot be read. */
export function temporalAddress(): string {
  try {
    return settings().connectionOptions.address ?? defaultAddress;
  } catch {
    return defaultAddress;
  }
}

/** gRPC status codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpc = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  failedPrecondition: 9,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** The gRPC status code of an error of the Temporal client; null where it is none. */
export function grpcCode(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  const cause: unknown = error instanceof Error ? error.cause : null;
  return isGrpcServiceError(cause) ? cause.code : null;
}

/**
 * Connects to Temporal for as long as `use` runs, by the same TOML profiles and TEMPORAL_ variables as Temporal's own CLI. That it cannot be
 * reached or entered is a plain error.
 */
export async function withTemporal<T>(use: (temporal: Temporal) => Promise<T>): Promise<T> {
  const { connectionOptions, namespace = 'default' } = settings();
  const address = connectionOptions.address ?? defaultAddress;
  const { tls, apiKey, metadata } = connectionOptions;
  const options = {
    address,
    connectTimeout: callMs,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  let connection: Connection;
  try {
    connection = await Connection.connect(options);
  } catch (error) {
    throw notReached(address, error);
  }
  try {
    return await use({ client: new Client({ connection, namespace }), namespace });
  } catch (error) {
    if (error instanceof NamespaceNotFoundError) {
      throw new CliError(
        `Temporal at ${address} has no namespace ${namespace}.`,
        'Create it, or correct TEMPORAL_NAMESPACE or the profile.',
        {
          cause: error,
        },
      );
    }
    throw isAway(error) ? notReached(address, error) : error;
  } finally {
    await connection.close();
  }
}

function settings(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unreadable';
    throw new CliError(
      `The settings of the Temporal client cannot be read: ${why}.`,
      'Correct the profile (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE) or the TEMPORAL_ variables.',
      { cause: error },
    );
  }
}

function isAway(error: unknown): boolean {
  const code = grpcCode(error);
  return code === grpc.unavailable || code === grpc.unauthenticated || code === grpc.permissionDenied;
}

function notReached(address: string, cause: unknown): CliError {
  const code = grpcCode(cause);
  if (code === grpc.unauthenticated || code === grpc.permissionDenied) {
    return new CliError(`Temporal at ${address} refuses these credentials.`, 'Correct TEMPORAL_API_KEY or the TLS files of the profile.', {
      cause,
    });
  }
  return new CliError(
    `Temporal at ${address} cannot be reached.`,
    'Start it, or set TEMPORAL_ADDRESS or TEMPORAL_PROFILE to where it runs.',
    { cause },
  );
}
