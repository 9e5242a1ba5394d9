package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.json.JsonException;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.RunException;
import dev.sardonyx.secureops.protocol.ShareMismatchException;
import dev.sardonyx.transport.TransportException;
import dev.sardonyx.transport.http.HttpAnswer;
import dev.sardonyx.transport.http.HttpQuestion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Runs inference requests, so many at a time; one with more rows than a run takes is run in parts, one after the other. Each part is
 * begun only while somebody waits for the answer and this is not stopped.
 */
final class Inference {
    /** How long a request waits for its turn. */
    private static final Duration TURN = Duration.ofSeconds(30);

    private final Backend backend;
    private final int concurrency;
    private final Turns turns;
    private volatile boolean stopped;

    Inference(Backend backend, int concurrency) {
        this.backend = backend;
        this.concurrency = concurrency;
        this.turns = new Turns(concurrency);
    }

    /** What came of a request, for metrics and logs. */
    record Done(HttpAnswer answer, ModelFace model, long rows, String requestId) {
    }

    int running() {
        return turns.taken();
    }

    /** Lets what runs end with the part that is in flight, and nothing begin. */
    void stop() {
        stopped = true;
        turns.close();
    }

    /**
     * A model, if it is of the version asked for.
     *
     * @throws GatewayException 404 where it is not
     */
    ModelFace model(String name, Optional<String> version) {
        ModelFace model = backend.model(name);
        if (!isOf(version, model)) {
            model = backend.look(name);
        }
        if (!isOf(version, model)) {
            throw new GatewayException(404, "model '" + model.name() + "' is of version " + model.version());
        }
        return model;
    }

    private static boolean isOf(Optional<String> version, ModelFace model) {
        return version.isEmpty() || version.get().equals(String.valueOf(model.version()));
    }

    /** Why a model cannot be run now; empty where it can. */
    Optional<String> trouble(ModelFace model) {
        return backend.trouble(model);
    }

    /** @throws GatewayException in HTTP's words for whatever goes wrong */
    Done run(String name, Optional<String> version, HttpQuestion question) {
        OptionalInt headerLength = headerLength(question);
        boolean turn = false;
        try {
            turn = turns.take(question.asker(), TURN);
            requireWanted(question, "while it waited for its turn");
            if (!turn) {
                throw new GatewayException(503, concurrency + " inferences run and none ended within " + TURN.toSeconds() + " s; try again later");
            }
            try {
                return once(model(name, version), question, headerLength);
            } catch (GatewayException e) {
                if (e.status() != 409) {
                    throw e;
                }
                return once(model(name, version), question, headerLength);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw goingDown();
        } catch (RuntimeException e) {
            throw inHttp(e);
        } finally {
            if (turn) {
                turns.release();
            }
        }
    }

    private static GatewayException goingDown() {
        return new GatewayException(503, "this gateway is going down");
    }

    /** @param when for the log, should nobody wait any more */
    private void requireWanted(HttpQuestion question, String when) {
        // First, since a gateway that goes down closes connections as well, and that is not the client's doing.
        if (stopped) {
            throw goingDown();
        }
        if (question.asker().isGone()) {
            throw new GatewayException(GatewayException.CLIENT_GONE, "the client went away " + when);
        }
    }

    private static OptionalInt headerLength(HttpQuestion question) {
        Optional<String> text = question.header("inference-header-content-length");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int length = Integer.parseInt(text.get());
            if (length > 0) {
                return OptionalInt.of(length);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw GatewayException.badRequest(InferAnswer.HEADER_LENGTH + ": expected how many bytes of the body are JSON, at least 1");
    }

    private Done once(ModelFace model, HttpQuestion question, OptionalInt headerLength) {
        InferRequest request = InferRequest.read(model, question.body(), headerLength);
        int rows = model.batch().isPresent() ? request.inputs().values().iterator().next().shape().dim(0) : 1;
        boolean whole = rows <= model.batch().orElse(1);
        Backend.Answered answered = whole ? part(model, request.inputs(), question, 0) : inParts(model, request.inputs(), question, rows);
        return new Done(InferAnswer.of(model, request, answered), model, rows, answered.requestId());
    }

    private Backend.Answered part(ModelFace model, Map<String, Tensor> inputs, HttpQuestion question, int rowsBefore) {
        requireWanted(question, "after " + rowsBefore + " rows");
        return backend.run(model, inputs);
    }

    private Backend.Answered inParts(ModelFace model, Map<String, Tensor> inputs, HttpQuestion question, int rows) {
        int part = model.batch().orElseThrow();
        Map<String, List<Tensor>> outputs = new LinkedHashMap<>();
        List<String> ids = new ArrayList<>();
        for (int from = 0; from < rows; from += part) {
            int first = from;
            int end = Math.min(rows, from + part);
            Map<String, Tensor> cut = new LinkedHashMap<>();
            inputs.forEach((name, tensor) -> cut.put(name, Tensors.slice(tensor, first, end)));
            Backend.Answered answered = part(model, cut, question, from);
            answered.outputs().forEach((name, tensor) -> outputs.computeIfAbsent(name, _ -> new ArrayList<>()).add(tensor));
            ids.add(answered.requestId());
        }
        Map<String, Tensor> joined = new LinkedHashMap<>();
        outputs.forEach((name, parts) -> joined.put(name, Tensors.concat(parts)));
        return new Backend.Answered(joined, String.join(",", ids));
    }

    /** What a failure means to a client of HTTP. */
    static GatewayException inHttp(RuntimeException failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case GatewayException e -> e;
            case JsonException _ -> GatewayException.badRequest("the body is not the JSON that was expected: " + message);
            case ServiceException e -> new GatewayException(switch (e.kind()) {
                case BAD_REQUEST -> 400;
                case REFUSED -> 403;
                case BUSY -> 503;
                case PARTY_FAILED -> 502;
            }, message);
            case RunException e -> new GatewayException(switch (e.kind()) {
                case BAD_INPUT, OUT_OF_RANGE -> 400;
                case REFUSED, PLAN_MISMATCH -> 403;
                case BAD_PLAN, PARTY_FAILED -> 502;
            }, message);
            case ShareMismatchException _ -> new GatewayException(502, message);
            case TransportException _ -> new GatewayException(502, message);
            default -> new GatewayException(500, "internal error (" + failure.getClass().getSimpleName() + ")");
        };
    }
}
