package dev.sardonyx.importer;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.importer.ImportException.Kind;
import dev.sardonyx.importer.ModelInput.Dimension;
import dev.sardonyx.importer.proto.GraphProto;
import dev.sardonyx.importer.proto.TensorShapeProto;
import dev.sardonyx.importer.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A trained model as its ONNX file states it; immutable. {@link #graph} specialises it to input shapes and translates it. */
public final class OnnxModel {
    private final ModelFile file;
    private final List<ModelInput> inputs;
    private final ConstantRoles roles;

    private OnnxModel(ModelFile read) {
        GraphProto inlined = new FunctionInliner(read.functions()).inline(read.graph());
        var given = new HashSet<>(read.constants().keySet());
        inlined.getInputList().forEach(input -> given.add(input.getName()));
        this.file = new ModelFile(read.producer(), read.opsets(), read.metadata(), NodeOrder.sorted(inlined, given), read.constants(),
                read.constantNodes(), List.of(), read.external());
        this.inputs = inputs(file);
        this.roles = new ConstantRoles(file.graph(), new HashSet<>(inputs.stream().map(ModelInput::name).toList()));
    }

    private OnnxModel(OnnxModel other, Map<String, Stored> constants) {
        ModelFile old = other.file;
        this.file = new ModelFile(old.producer(), old.opsets(), old.metadata(), old.graph(), constants, old.constantNodes(), List.of(),
                old.external());
        this.inputs = other.inputs;
        this.roles = other.roles;
    }

    /**
     * Reads a file. Tensors go from the file into their arrays one by one; those in files beside it are read from there.
     *
     * @throws ImportException if the file is no complete ONNX model
     */
    public static OnnxModel read(Path file) {
        return new OnnxModel(ModelReader.read(file));
    }

    /**
     * Reads a model from memory.
     *
     * @param base the directory that external data files lie in
     */
    public static OnnxModel read(byte[] bytes, Path base) {
        return new OnnxModel(ModelReader.read(bytes, base));
    }

    /** What callers give, in the model's order (initialisers that are inputs too are not among them). */
    public List<ModelInput> inputs() {
        return inputs;
    }

    /** The names of the outputs, in the model's order. */
    public List<String> outputs() {
        return file.graph().getOutputList().stream().map(ValueInfoProto::getName).toList();
    }

    /** The model's own key-value pairs. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(file.metadata());
    }

    /** Who wrote the file, with the version; may be empty. */
    public String producer() {
        return file.producer();
    }

    /** The version of each operator domain; the core domain is the empty name. */
    public Map<String, Long> opsets() {
        return Collections.unmodifiableMap(file.opsets());
    }

    /** The inputs that decide the graph's structure (shapes, axes, counts, …) and so must be given as public values. */
    public Set<String> publicInputs() {
        var names = new HashSet<String>();
        inputs.stream().map(ModelInput::name).filter(roles::mustBePublic).forEach(names::add);
        return Collections.unmodifiableSet(names);
    }

    /** The learned tensors by name: all constants that are secret by the rules of {@link ConstantRoles}. */
    public Map<String, Tensor> weights() {
        return tensors(true);
    }

    /** The floating constants that are written in the plan for all to read: scalars such as an epsilon or a scale. */
    public Map<String, Tensor> publicScalars() {
        var scalars = new TreeMap<>(tensors(false));
        scalars.values().removeIf(tensor -> !tensor.type().isFloating());
        return scalars;
    }

    private Map<String, Tensor> tensors(boolean secret) {
        var found = new LinkedHashMap<String, Tensor>();
        file.constants().forEach((name, stored) -> {
            if (stored instanceof Stored.Held(Tensor tensor, var _) && roles.isSecret(name, tensor) == secret) {
                found.put(name, tensor);
            }
        });
        return found;
    }

    /**
     * The same architecture with other weights.
     *
     * @param weights a tensor for each name of {@link #weights()}, of the same shape; converted to the model's element type
     * @throws ImportException listing every missing, unknown and misshapen tensor
     */
    public OnnxModel withWeights(Map<String, Tensor> weights) {
        Map<String, Tensor> present = weights();
        var problems = new ArrayList<String>();
        present.forEach((name, tensor) -> {
            Tensor other = weights.get(name);
            if (other == null) {
                problems.add("'" + name + "' " + tensor.shape() + " is missing");
            } else if (!other.shape().equals(tensor.shape())) {
                problems.add("'" + name + "' has shape " + other.shape() + "; expected " + tensor.shape());
            } else if (tensor.type() != other.type() && tensor.type().isFloating() != other.type().isFloating()) {
                problems.add("'" + name + "' has type " + other.type() + "; expected " + tensor.type());
            }
        });
        weights.keySet().stream().sorted().filter(name -> !present.containsKey(name)).forEach(name -> problems.add("'" + name
                + "' is no weight of the model"));
        if (!problems.isEmpty()) {
            throw new ImportException(Kind.WEIGHTS, "weights do not fit: " + String.join("; ", problems));
        }
        var constants = new LinkedHashMap<>(file.constants());
        present.forEach((name, tensor) -> constants.put(name, new Stored.Held(weights.get(name).as(tensor.type()))));
        return new OnnxModel(this, constants);
    }

    /** As {@link #graph(Map, Map)}, no input being public. */
    public Graph graph(Map<String, Shape> inputShapes) {
        return graph(inputShapes, Map.of());
    }

    /**
     * Translates the model for inputs of certain shapes.
     *
     * @param inputShapes the shape of each input; may leave out those declared without a free dimension, and public ones
     * @param publicInputs values of inputs that are public, whatever they are used for; must hold all of {@link #publicInputs()}
     * @throws ImportException of kind {@link Kind#UNSUPPORTED} with every node that has no translation, {@link Kind#SHAPE} where shapes
     *         do not fit, {@link Kind#INPUT} for unknown or missing inputs
     */
    public Graph graph(Map<String, Shape> inputShapes, Map<String, Tensor> publicInputs) {
        var translator = new GraphTranslator(file.opsets(), file.constants(), roles, file.external());
        file.graph().getInputList().forEach(info -> translator.noteBits(info.getName(), ElementTypes.narrowBits(info.getType().getTensorType().getElemType())));
        new InputBinding(inputs, roles, inputShapes, publicInputs).defineIn(translator);
        translator.translate(file.graph().getNodeList());
        var outputs = new LinkedHashMap<String, Held>();
        for (String name : outputs()) {
            outputs.put(name, translator.lookup(name));
        }
        if (!translator.unsupported().isEmpty()) {
            throw new ImportException(translator.unsupported());
        }
        outputs.forEach((name, held) -> {
            if (!(held instanceof Held.Ready(ValueId id))) {
                throw new ImportException(List.of(new Unsupported(name, "graph output", file.opsets().getOrDefault(Domains.CORE, 0L),
                        "it is a sequence; expected a tensor")));
            }
            translator.builder().output(name, id);
        });
        return translator.builder().build();
    }

    private static List<ModelInput> inputs(ModelFile file) {
        var inputs = new ArrayList<ModelInput>();
        var names = new HashMap<String, Integer>();
        for (ValueInfoProto info : file.graph().getInputList()) {
            if (names.put(info.getName(), inputs.size()) != null) {
                throw new ImportException(Kind.MALFORMED, "two graph inputs are named '" + info.getName() + "'");
            }
            if (!file.constants().containsKey(info.getName())) {
                inputs.add(input(info));
            }
        }
        return List.copyOf(inputs);
    }

    private static ModelInput input(ValueInfoProto info) {
        if (!info.getType().hasTensorType()) {
            throw new ImportException(Kind.UNSUPPORTED, "graph input '" + info.getName() + "' is no tensor; expected a tensor");
        }
        int number = info.getType().getTensorType().getElemType();
        ElementType type = ElementTypes.of(number).filter(known -> known != ElementType.STRING).orElseThrow(() -> new ImportException(
                Kind.UNSUPPORTED, "graph input '" + info.getName() + "' has elements of " + ElementTypes.name(number)
                        + "; expected plain numbers or booleans"));
        var dims = new ArrayList<Dimension>();
        for (TensorShapeProto.Dimension dim : info.getType().getTensorType().getShape().getDimList()) {
            dims.add(switch (dim.getValueCase()) {
                case DIM_VALUE -> {
                    if (dim.getDimValue() > Integer.MAX_VALUE) {
                        throw new ImportException(Kind.MALFORMED, "graph input '" + info.getName() + "' has an extent of " + dim.getDimValue()
                                + "; expected at most 2^31-1");
                    }
                    // Some exporters write -1 for an extent that callers choose.
                    yield dim.getDimValue() < 0 ? new Dimension.Unknown() : new Dimension.Known((int) dim.getDimValue());
                }
                case DIM_PARAM -> dim.getDimParam().isEmpty() ? new Dimension.Unknown() : new Dimension.Symbolic(dim.getDimParam());
                case VALUE_NOT_SET -> new Dimension.Unknown();
            });
        }
        return new ModelInput(info.getName(), type, dims, info.getType().getTensorType().hasShape());
    }

    @Override
    public String toString() {
        return "OnnxModel[" + file.producer() + ", " + file.graph().getNodeCount() + " nodes]";
    }
}
