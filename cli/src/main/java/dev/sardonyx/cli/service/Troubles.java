package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.transport.TransportException;

/** What went wrong elsewhere, in the service's words. */
final class Troubles {
    private Troubles() {
    }

    static ServiceException asService(Throwable failure) {
        return switch (failure) {
            case ServiceException e -> e;
            case RunException e -> new ServiceException(switch (e.kind()) {
                case BAD_INPUT -> Kind.BAD_REQUEST;
                case OUT_OF_RANGE, REFUSED, PLAN_MISMATCH -> Kind.REFUSED;
                case BAD_PLAN, PARTY_FAILED -> Kind.PARTY_FAILED;
            }, String.valueOf(e.getMessage()), e);
            case TransportException e -> new ServiceException(Kind.PARTY_FAILED, String.valueOf(e.getMessage()), e);
            case OutOfMemoryError e -> new ServiceException(Kind.BUSY, "this party ran out of memory", e);
            case InterruptedException e -> new ServiceException(Kind.PARTY_FAILED, "interrupted", e);
            default -> new ServiceException(Kind.PARTY_FAILED, "internal error (" + failure.getClass().getSimpleName() + ")", failure);
        };
    }

    /** Whether links between parties are broken, so that the session is of no use any more. */
    static boolean endsSession(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof TransportException transport) {
                switch (transport.kind()) {
                    case PEER_FAILED, CLOSED, PROTOCOL_VIOLATION, AUTHENTICATION -> {
                        return true;
                    }
                    case TIMEOUT, ABORTED, INTERRUPTED -> { }
                }
            }
        }
        return false;
    }
}
