package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.json.JsonLine;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.transport.http.HttpAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the protocol's inference response: all JSON, or JSON with binary data behind it where any output is wanted so. */
final class InferAnswer {
    static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final String JSON = "application/json";

    private InferAnswer() {
    }

    static HttpAnswer of(ModelFace model, InferRequest request, Backend.Answered answered) {
        List<byte[]> parts = new ArrayList<>();
        var json = new JsonLine();
        json.object(() -> {
            json.name("model_name").value(model.name());
            json.name("model_version").value(String.valueOf(model.version()));
            request.id().ifPresent(id -> json.name("id").value(id));
            json.name("parameters").object(() -> {
                json.name("sardonyx_request_id").value(answered.requestId());
                json.name("sardonyx_plan_hash").value(model.planHash());
            });
            json.name("outputs").array(() -> request.outputs().forEach(wanted -> output(json, wanted, answered.outputs(), parts)));
        });
        byte[] head = json.bytes();
        if (parts.isEmpty()) {
            return new HttpAnswer(200, Map.of("content-type", JSON), List.of(head));
        }
        parts.addFirst(head);
        return new HttpAnswer(200, Map.of("content-type", "application/octet-stream", HEADER_LENGTH, String.valueOf(head.length)), parts);
    }

    private static void output(JsonLine json, InferRequest.Wanted wanted, Map<String, Tensor> outputs, List<byte[]> parts) {
        Tensor tensor = outputs.get(wanted.name());
        if (tensor == null) {
            throw new GatewayException(502, "the parties gave no output '" + wanted.name() + "'");
        }
        json.object(() -> {
            json.name("name").value(wanted.name());
            json.name("datatype").value(Datatype.of(tensor.type()).name());
            json.name("shape").array(() -> tensor.shape().dims().forEach(extent -> json.value((long) extent)));
            if (wanted.binary()) {
                byte[] data = Datatype.encode(tensor);
                parts.add(data);
                json.name("parameters").object(() -> json.name("binary_data_size").value((long) data.length));
            } else {
                json.name("data");
                Datatype.write(tensor, json);
            }
        });
    }
}
