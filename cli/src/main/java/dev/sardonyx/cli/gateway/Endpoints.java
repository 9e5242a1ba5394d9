package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.events.EventLog;
import dev.sardonyx.cli.json.JsonLine;
import dev.sardonyx.cli.metrics.AdminPort;
import dev.sardonyx.cli.metrics.GatewayMetrics;
import dev.sardonyx.transport.http.HttpAnswer;
import dev.sardonyx.transport.http.HttpHandler;
import dev.sardonyx.transport.http.HttpQuestion;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The protocol's paths. Errors are {@code {"error": "…"}} with HTTP's status. */
final class Endpoints implements HttpHandler {
    private static final String JSON = "application/json";
    private static final String BUSY_SECONDS = "1";
    private static final int NOT_ALLOWED = 405;

    private final Inference inference;
    private final Probes probes;
    private final GatewayMetrics metrics;
    private final EventLog log;
    private final boolean loopback;

    /** @param loopback whether only this machine can reach the port, so that browsers' pages of other origins are to be kept out */
    Endpoints(Inference inference, Probes probes, GatewayMetrics metrics, EventLog log, boolean loopback) {
        this.inference = inference;
        this.probes = probes;
        this.metrics = metrics;
        this.log = log;
        this.loopback = loopback;
    }

    /** What is known of a question for metrics and logs; names of models only once the parties have told them. */
    private static final class Trace {
        private String what = "other";
        private String model = "";
        private String requestId = "";
        private long rows;
    }

    @Override
    public HttpAnswer answer(HttpQuestion question) {
        long start = System.nanoTime();
        var trace = new Trace();
        HttpAnswer answer;
        String reason = "";
        try {
            requireLocal(question);
            answer = route(question, segments(question.path()), trace);
        } catch (RuntimeException e) {
            GatewayException told = Inference.inHttp(e);
            reason = String.valueOf(told.getMessage());
            answer = told.status() == NOT_ALLOWED ? notAllowed(reason) : error(told.status(), reason);
        }
        int status = answer.status();
        if (reason.isEmpty() && question.asker().isGone()) {
            status = GatewayException.CLIENT_GONE;
            reason = "the client went away before the answer was there";
        }
        tell(trace, status, reason, System.nanoTime() - start);
        return answer;
    }

    private void tell(Trace trace, int status, String reason, long nanos) {
        metrics.question(trace.what, trace.model, status, Duration.ofNanos(nanos));
        if (trace.rows > 0) {
            metrics.rows(trace.model, trace.rows);
        }
        // Probes and scrapes come all the time and say nothing unless they fail.
        if (trace.what.equals("infer") || status >= 400) {
            List<Object> fields = new ArrayList<>(List.of("verb", trace.what, "model", trace.model, "status", status, "millis", nanos / 1_000_000));
            if (trace.rows > 0) {
                fields.addAll(List.of("rows", trace.rows, "id", trace.requestId));
            }
            if (!reason.isEmpty()) {
                fields.addAll(List.of("reason", reason));
            }
            log.event("request", fields.toArray());
        }
    }

    /**
     * Pages in a browser on this machine can reach its loopback interface too: by scripts, which browsers mark with an origin, and under
     * a name of their own that they let point here, which shows in the host.
     */
    private void requireLocal(HttpQuestion question) {
        if (question.isOfAPage()) {
            throw new GatewayException(403, "questions of pages in a browser are not answered");
        }
        if (loopback && !question.isAskedLocally()) {
            throw new GatewayException(421, "this gateway answers to localhost, 127.0.0.1 and [::1]");
        }
    }

    private static List<String> segments(String path) {
        try {
            return Arrays.stream(path.substring(path.startsWith("/") ? 1 : 0).split("/", -1)).map(segment -> URLDecoder.decode(segment.replace("+", "%2B"),
                    StandardCharsets.UTF_8)).toList();
        } catch (IllegalArgumentException e) {
            throw GatewayException.badRequest("a path with a percent sign that stands for nothing");
        }
    }

    private HttpAnswer route(HttpQuestion question, List<String> path, Trace trace) {
        if (path.equals(List.of("metrics"))) {
            trace.what = "metrics";
            requireMethod(question, "GET");
            return HttpAnswer.text(200, AdminPort.METRICS_TYPE, metrics.text());
        }
        if (!path.getFirst().equals("v2")) {
            throw unknown();
        }
        if (path.size() == 1 || path.equals(List.of("v2", ""))) {
            trace.what = "server";
            requireMethod(question, "GET");
            return ok(server());
        }
        return switch (path.get(1)) {
            case "health" -> health(question, path.subList(2, path.size()), trace);
            case "models" -> models(question, path.subList(2, path.size()), trace);
            default -> throw unknown();
        };
    }

    private static GatewayException unknown() {
        return new GatewayException(404, "no such path; there are /v2, /v2/health/live, /v2/health/ready, /v2/models/NAME[/versions/VERSION][/ready], "
                + "/v2/models/NAME[/versions/VERSION]/infer and /metrics");
    }

    private static void requireMethod(HttpQuestion question, String method) {
        if (!question.method().equals(method)) {
            throw new GatewayException(NOT_ALLOWED, method);
        }
    }

    private HttpAnswer health(HttpQuestion question, List<String> path, Trace trace) {
        trace.what = "health";
        boolean ready = path.equals(List.of("ready"));
        if (!ready && !path.equals(List.of("live"))) {
            throw unknown();
        }
        requireMethod(question, "GET");
        if (!ready) {
            return ok(truth("live"));
        }
        probes.trouble().ifPresent(why -> {
            throw new GatewayException(503, why);
        });
        return ok(truth("ready"));
    }

    private static JsonLine truth(String name) {
        var json = new JsonLine();
        json.object(() -> json.name(name).value(true));
        return json;
    }

    private static HttpAnswer ok(JsonLine json) {
        return new HttpAnswer(200, Map.of("content-type", JSON), List.of(json.bytes()));
    }

    private HttpAnswer models(HttpQuestion question, List<String> path, Trace trace) {
        if (path.isEmpty() || path.getFirst().isEmpty()) {
            throw unknown();
        }
        String name = path.getFirst();
        boolean versioned = path.size() >= 3 && path.get(1).equals("versions");
        Optional<String> version = versioned ? Optional.of(path.get(2)) : Optional.empty();
        List<String> rest = path.subList(versioned ? 3 : 1, path.size());
        if (rest.isEmpty()) {
            trace.what = "model";
            requireMethod(question, "GET");
            return ok(metadata(known(name, version, trace)));
        }
        if (rest.equals(List.of("ready"))) {
            trace.what = "model-ready";
            requireMethod(question, "GET");
            ModelFace model = known(name, version, trace);
            probes.trouble().or(() -> inference.trouble(model)).ifPresent(why -> {
                throw new GatewayException(503, why);
            });
            // Again: the look may have found another version.
            return ready(known(name, version, trace));
        }
        if (rest.equals(List.of("infer"))) {
            trace.what = "infer";
            requireMethod(question, "POST");
            return infer(question, name, version, trace);
        }
        throw unknown();
    }

    private ModelFace known(String name, Optional<String> version, Trace trace) {
        ModelFace model = inference.model(name, version);
        trace.model = model.name();
        return model;
    }

    private HttpAnswer ready(ModelFace model) {
        var json = new JsonLine();
        json.object(() -> {
            json.name("name").value(model.name());
            json.name("ready").value(true);
        });
        return ok(json);
    }

    private HttpAnswer infer(HttpQuestion question, String name, Optional<String> version, Trace trace) {
        String encoding = question.header("content-encoding").orElse("identity");
        if (!encoding.equals("identity")) {
            throw new GatewayException(415, "a body with a content encoding; expected none");
        }
        known(name, version, trace);
        Inference.Done done = inference.run(name, version, question);
        trace.rows = done.rows();
        trace.requestId = done.requestId();
        return done.answer();
    }

    private static JsonLine server() {
        String version = Endpoints.class.getPackage().getImplementationVersion();
        var json = new JsonLine();
        json.object(() -> {
            json.name("name").value("sardonyx");
            json.name("version").value(version == null ? "built in place" : version);
            json.name("extensions").array(() -> json.value("binary_tensor_data"));
        });
        return json;
    }

    private static JsonLine metadata(ModelFace model) {
        var json = new JsonLine();
        json.object(() -> {
            json.name("name").value(model.name());
            json.name("versions").array(() -> json.value(String.valueOf(model.version())));
            json.name("platform").value(model.platform());
            json.name("inputs").array(() -> model.inputs().forEach(port -> port(json, model, port)));
            json.name("outputs").array(() -> model.outputs().forEach(port -> port(json, model, port)));
        });
        return json;
    }

    private static void port(JsonLine json, ModelFace model, ModelFace.Port port) {
        json.object(() -> {
            json.name("name").value(port.name());
            json.name("datatype").value(port.type().name());
            json.name("shape").array(() -> Arrays.stream(model.extents(port)).forEach(json::value));
        });
    }

    /** @param method the one that is */
    private static HttpAnswer notAllowed(String method) {
        HttpAnswer error = error(NOT_ALLOWED, "expected " + method);
        Map<String, String> headers = new HashMap<>(error.headers());
        headers.put("allow", method);
        return new HttpAnswer(NOT_ALLOWED, headers, error.body());
    }

    private static HttpAnswer error(int status, String message) {
        var json = new JsonLine();
        json.object(() -> json.name("error").value(message));
        Map<String, String> headers = new HashMap<>(Map.of("content-type", JSON));
        if (status == 503) {
            headers.put("retry-after", BUSY_SECONDS);
        }
        return new HttpAnswer(status, headers, List.of(json.bytes()));
    }

    @Override
    public HttpAnswer refused(int status, String why) {
        return error(status, why);
    }
}
