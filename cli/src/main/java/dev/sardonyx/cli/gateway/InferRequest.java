package dev.sardonyx.cli.gateway;

import static dev.sardonyx.cli.gateway.GatewayException.badRequest;

import dev.sardonyx.cli.json.JsonReader;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a client asks for: the protocol's inference request, with the extension for binary tensors.
 *
 * @param id the client's own name for it
 * @param inputs by name, with as many rows as were sent
 * @param outputs what is wanted, in this order
 */
record InferRequest(Optional<String> id, Map<String, Tensor> inputs, List<Wanted> outputs) {
    private static final int LONGEST_ID = 256;
    /** Each takes eight bytes once it is read, however short it comes. */
    private static final int MOST_ELEMENTS = 1 << 24;

    /**
     * An output.
     *
     * @param binary whether as binary data
     */
    record Wanted(String name, boolean binary) {
    }

    /** A tensor as its JSON tells it; its elements stand at a place of the JSON or in so many bytes behind it. */
    private record Told(String name, Datatype type, Shape shape, OptionalInt dataAt, OptionalInt binarySize) {
    }

    /**
     * Reads a body.
     *
     * @param headerLength how much of it is JSON, where binary data follows
     * @throws GatewayException 400 saying what does not fit the model
     * @throws dev.sardonyx.cli.json.JsonException where the JSON is none
     */
    static InferRequest read(ModelFace model, byte[] body, OptionalInt headerLength) {
        int end = headerLength.orElse(body.length);
        if (end > body.length) {
            throw badRequest("Inference-Header-Content-Length " + end + " of a body of " + body.length + " bytes");
        }
        return new Reading(model, body, end).read();
    }

    /** One reading of one body. */
    private static final class Reading {
        private final ModelFace model;
        private final byte[] body;
        private final JsonReader json;
        private final int end;
        private Optional<String> id = Optional.empty();
        private final List<Told> told = new ArrayList<>();
        private final Map<String, Optional<Boolean>> wanted = new LinkedHashMap<>();
        private boolean binaryByDefault;

        Reading(ModelFace model, byte[] body, int end) {
            this.model = model;
            this.body = body;
            this.json = new JsonReader(body, end);
            this.end = end;
        }

        InferRequest read() {
            json.object(member -> {
                switch (member) {
                    case "id" -> id = Optional.of(id());
                    case "parameters" -> parameters("the request");
                    case "inputs" -> json.array(this::input);
                    case "outputs" -> json.array(this::output);
                    default -> json.skip();
                }
            });
            json.end();
            return new InferRequest(id, inputs(), outputs());
        }

        private String id() {
            String text = json.text();
            if (text.length() > LONGEST_ID) {
                throw badRequest("an id of " + text.length() + " characters; allowed are " + LONGEST_ID);
            }
            return text;
        }

        private void parameters(String what) {
            json.object(parameter -> {
                switch (parameter) {
                    case "binary_data_output" -> binaryByDefault = json.truth();
                    default -> other(parameter, what);
                }
            });
        }

        /** Parameters that would change the answer are refused; hints such as priorities are not followed. */
        private void other(String parameter, String what) {
            if (parameter.startsWith("shared_memory") || parameter.equals("classification")) {
                throw badRequest("parameter '" + parameter + "' of " + what + " is not supported");
            }
            json.skip();
        }

        private void input() {
            var name = new String[1];
            var type = new Datatype[1];
            var shape = new Shape[1];
            int[] places = {-1, -1};
            json.object(member -> {
                switch (member) {
                    case "name" -> name[0] = json.text();
                    case "datatype" -> type[0] = datatype(json.text());
                    case "shape" -> shape[0] = shape();
                    case "data" -> {
                        places[0] = json.place();
                        json.skip();
                    }
                    case "parameters" -> json.object(parameter -> {
                        if (parameter.equals("binary_data_size")) {
                            places[1] = Math.clamp(json.whole(false), -1, Integer.MAX_VALUE);
                        } else {
                            other(parameter, "an input");
                        }
                    });
                    default -> json.skip();
                }
            });
            if (name[0] == null || type[0] == null || shape[0] == null || places[0] < 0 == places[1] < 0) {
                throw badRequest("input " + (name[0] == null ? String.valueOf(told.size()) : "'" + name[0] + "'")
                        + ": expected name, datatype, shape, and either data or a binary_data_size");
            }
            told.add(new Told(name[0], type[0], shape[0], place(places[0]), place(places[1])));
        }

        private static OptionalInt place(int place) {
            return place < 0 ? OptionalInt.empty() : OptionalInt.of(place);
        }

        private static Datatype datatype(String name) {
            return Datatype.named(name).orElseThrow(() -> badRequest("a datatype that is unknown or not supported; expected one of "
                    + List.of(Datatype.values())));
        }

        private Shape shape() {
            List<Integer> dims = new ArrayList<>();
            json.array(() -> {
                long extent = json.whole(false);
                if (extent < 0 || extent > body.length || dims.size() >= 16) {
                    throw badRequest("a shape that no tensor in a body of " + body.length + " bytes can have");
                }
                dims.add((int) extent);
            });
            try {
                var shape = new Shape(dims);
                if (shape.size() > MOST_ELEMENTS) {
                    throw new GatewayException(413, "a tensor of " + shape.size() + " elements; expected at most " + MOST_ELEMENTS + ", ask for fewer rows at once");
                }
                return shape;
            } catch (IllegalArgumentException e) {
                throw badRequest("a shape that no tensor in a body of " + body.length + " bytes can have");
            }
        }

        private void output() {
            var name = new String[1];
            var binary = new Boolean[1];
            json.object(member -> {
                switch (member) {
                    case "name" -> name[0] = json.text();
                    case "parameters" -> json.object(parameter -> {
                        if (parameter.equals("binary_data")) {
                            binary[0] = json.truth();
                        } else {
                            other(parameter, "an output");
                        }
                    });
                    default -> json.skip();
                }
            });
            if (name[0] == null) {
                throw badRequest("an output without a name");
            }
            if (model.output(name[0]).isEmpty()) {
                throw badRequest("unknown output; the model's outputs are " + model.outputs().stream().map(ModelFace.Port::name).toList());
            }
            if (wanted.put(name[0], Optional.ofNullable(binary[0])) != null) {
                throw badRequest("output '" + name[0] + "' is asked for twice");
            }
        }

        private List<Wanted> outputs() {
            if (wanted.isEmpty()) {
                return model.outputs().stream().map(port -> new Wanted(port.name(), binaryByDefault)).toList();
            }
            return wanted.entrySet().stream().map(each -> new Wanted(each.getKey(), each.getValue().orElse(binaryByDefault))).toList();
        }

        private Map<String, Tensor> inputs() {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            long at = end;
            for (Told each : told) {
                check(each);
                if (inputs.containsKey(each.name())) {
                    throw badRequest("input '" + each.name() + "' is given twice");
                }
                inputs.put(each.name(), tensor(each, at));
                at += each.binarySize().orElse(0);
            }
            if (at != body.length) {
                throw badRequest("binary data of " + (body.length - end) + " bytes; the inputs' binary_data_size tell of " + (at - end));
            }
            List<String> missing = model.inputs().stream().map(ModelFace.Port::name).filter(name -> !inputs.containsKey(name)).toList();
            if (!missing.isEmpty()) {
                throw badRequest("missing inputs " + missing);
            }
            if (model.batch().isPresent() && inputs.values().stream().map(tensor -> tensor.shape().dim(0)).distinct().count() > 1) {
                throw badRequest("the inputs differ in their first extents, which are rows");
            }
            return inputs;
        }

        private void check(Told given) {
            ModelFace.Port port = model.input(given.name())
                    .orElseThrow(() -> badRequest("unknown input; the model's inputs are " + model.inputs().stream().map(ModelFace.Port::name).toList()));
            List<Integer> dims = given.shape().dims();
            Shape wanted = port.shape();
            boolean rows = model.batch().isPresent();
            boolean fits = dims.size() == wanted.rank() && (rows ? dims.getFirst() > 0 && dims.subList(1, dims.size()).equals(wanted.dims().subList(1, dims.size()))
                    : dims.equals(wanted.dims()));
            if (!fits) {
                throw badRequest("input '" + given.name() + "' has shape " + dims + "; the model takes " + Arrays.toString(model.extents(port)));
            }
            if (!port.takes(given.type())) {
                throw badRequest("input '" + given.name() + "' is of " + given.type() + "; the model takes "
                        + (port.type() == Datatype.BOOL ? "BOOL" : port.type() + " and other numbers"));
            }
        }

        private Tensor tensor(Told given, long from) {
            String what = "input '" + given.name() + "'";
            if (given.dataAt().isPresent()) {
                if (given.shape().size() > end) {
                    throw badRequest(what + " has fewer elements than its shape " + given.shape().dims() + " says");
                }
                return checked(given.name(), given.type().read(given.shape(), json.at(given.dataAt().getAsInt()), what));
            }
            long bytes = (long) given.shape().size() * given.type().bytes();
            if (given.binarySize().orElse(0) != bytes || from + bytes > body.length) {
                throw badRequest(what + ": " + given.shape().dims() + " of " + given.type() + " takes " + bytes + " bytes; its binary_data_size is "
                        + given.binarySize().orElse(0) + " and " + Math.max(0, body.length - from) + " are left");
            }
            return checked(given.name(), given.type().decode(given.shape(), body, (int) from));
        }

        /** Where the plan computes with whole numbers, fractions would be lost without a word; and nothing computes with what is not finite. */
        private Tensor checked(String name, Tensor tensor) {
            boolean wholeNumbers = model.input(name).orElseThrow().type() == Datatype.INT64;
            for (int i = 0; tensor.type().isFloating() && i < tensor.size(); i++) {
                double element = tensor.getDouble(i);
                if (!Double.isFinite(element)) {
                    throw badRequest("input '" + name + "', element " + i + ", is not finite");
                }
                if (wholeNumbers && element != Math.rint(element)) {
                    throw badRequest("input '" + name + "', element " + i + ", has a fraction; the model takes whole numbers");
                }
            }
            return tensor;
        }
    }
}
