package dev.sardonyx.secureops.planner;

import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Graph;
import dev.sardonyx.graph.Node;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Value;
import dev.sardonyx.graph.ValueId;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.planner.PlanException.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Walks a graph and lowers each node by the kernel of its operator; collects every node that has none. */
final class Lowering {
    /** A graph output as it is planned. */
    record Revealed(String name, Draft draft, ElementType type) {
    }

    private final Graph graph;
    private final PlanOptions options;
    private final PlanBuilder builder;
    private final Delicacy delicacy;
    private final Precision.Analysis precision;
    private final ProvenBounds proven;
    private final Map<ValueId, Term> terms = new HashMap<>();
    private final RangeGuard guard;
    private final List<Problem> problems = new ArrayList<>();
    private final List<AccuracyAnalysis.Clamped> clamped = new ArrayList<>();
    private final List<AccuracyAnalysis.Place> places = new ArrayList<>();

    Lowering(Graph graph, PlanOptions options) {
        this.graph = graph;
        this.options = options;
        this.builder = new PlanBuilder(options);
        this.guard = new RangeGuard(builder);
        this.delicacy = Delicacy.of(graph);
        this.precision = new Precision.Analysis(graph);
        this.proven = new ProvenBounds(graph);
    }

    PlanBuilder builder() {
        return builder;
    }

    /**
     * Lowers the whole graph.
     *
     * @throws PlanException listing all nodes without a kernel, or the first value that could leave the ring
     */
    List<Revealed> run() {
        graph.constants().forEach((id, constant) -> terms.put(id, new Term.Fixed(id, constant)));
        for (ValueId id : graph.inputs()) {
            input(graph.value(id));
        }
        for (Node node : graph.nodes()) {
            lower(node);
        }
        if (!problems.isEmpty()) {
            throw new PlanException(PlanException.Kind.UNSUPPORTED, problems);
        }
        builder.at("output", "reveal", "reveal");
        var revealed = new ArrayList<Revealed>();
        graph.outputs().forEach(output -> revealed
                .add(new Revealed(output.name(), Terms.value(builder, terms.get(output.value())), graph.value(output.value()).type())));
        guard.verdict().ifPresent(within -> revealed.add(new Revealed(Plan.RANGE_CHECK, within, ElementType.BOOL)));
        return List.copyOf(revealed);
    }

    /** Bounds the errors of all values that were emitted. */
    AccuracyAnalysis accuracy(List<Revealed> revealed) {
        return new AccuracyAnalysis(new AccuracyAnalysis.Emitted(graph, builder.log().steps(), List.copyOf(clamped), List.copyOf(places), Map.copyOf(terms)),
                revealed.stream().filter(output -> !output.name().equals(Plan.RANGE_CHECK)).toList(), options);
    }

    /** Where the plan holds each computed value, given its drafts' final numbers. */
    Map<ValueId, Planner.Trace> traces(Map<Integer, Integer> ids) {
        var traces = new HashMap<ValueId, Planner.Trace>();
        terms.forEach((id, term) -> {
            if (term instanceof Term.Computed computed && ids.containsKey(computed.draft().id())) {
                traces.put(id, new Planner.Trace(ids.get(computed.draft().id()), computed.draft().range()));
            }
        });
        return traces;
    }

    private void input(Value value) {
        builder.at(value.name(), "input", "input");
        boolean bits = value.type() == ElementType.BOOL;
        Interval declared = options.inputRanges().get(value.name());
        if (declared == null && !bits) {
            throw builder.outOfRange("no range is declared for this input; give --input-range " + value.name() + "=LO,HI");
        }
        Interval range = bits || declared == null ? Interval.UNIT : declared;
        int scale = !value.type().isFloating() ? 0
                : delicacy.ofInput(value.id()) || precision.isFine(value.id()) ? builder.scales().delicate(range) : builder.scales().working(range);
        Draft draft = builder.sources().input(value.name(), value.shape(), bits ? PlanValue.Kind.BITS : PlanValue.Kind.NUMBER, scale, range);
        Draft kept = bits || !options.trust().clampInputs() ? draft : InputClamp.clamped(builder, value.name(), draft);
        clamped.add(new AccuracyAnalysis.Clamped(draft, kept, builder.log().steps().size()));
        remember(value.id(), kept, value.type());
    }

    private void remember(ValueId id, Draft draft, ElementType type) {
        if (delicacy.leadsToSpread(id)) {
            builder.rescaling().keepFine(draft);
        }
        terms.put(id, new Term.Computed(draft, type));
    }

    private void lower(Node node) {
        if (node.inputs().stream().anyMatch(id -> !terms.containsKey(id))) {
            return; // Its source is a problem already.
        }
        builder.at(node.origin().name(), node.origin().opType(), KernelNames.of(node.op()));
        List<Value> outputs = node.outputs().stream().map(graph::value).toList();
        var request = new Kernel.Request(builder, node, node.inputs().stream().map(terms::get).toList(),
                outputs.stream().map(value -> new Kernel.Request.OutputType(value.type(), value.shape())).toList(),
                proven.of(node), node.inputs().isEmpty() ? OptionalDouble.empty() : proven.rowSum(node.inputs().getFirst()),
                proven.quotient(node), precision.of(node));
        int firstStep = builder.log().steps().size();
        try {
            List<Draft> lowered = kernel(node.op()).lower(request);
            List<Draft> drafts = IntStream.range(0, lowered.size()).mapToObj(i -> held(lowered.get(i), outputs.get(i).type(), request)).toList();
            List<StepLog.DraftStep> all = builder.log().steps();
            places.add(new AccuracyAnalysis.Place(node, new NodeErrors.Lowered(node.op(), request.inputs(), drafts,
                    outputs.stream().map(Value::type).toList(), List.copyOf(all.subList(firstStep, all.size())), !drafts.equals(lowered)), all.size()));
            IntStream.range(0, drafts.size()).forEach(i -> {
                Draft draft = drafts.get(i);
                if (!draft.shape().equals(outputs.get(i).shape())) {
                    throw new IllegalStateException("kernel of " + node.op() + " made " + draft.shape() + "; expected "
                            + outputs.get(i).shape());
                }
                Interval seen = options.calibration().get(outputs.get(i).id());
                remember(node.outputs().get(i), seen == null ? draft : guard.checked(draft, seen), outputs.get(i).type());
            });
        } catch (PlanException e) {
            if (e.kind() != PlanException.Kind.UNSUPPORTED) {
                throw e;
            }
            problems.addAll(e.problems());
        }
    }

    /** A number as its integer type holds it: arithmetic in narrow types wraps. What no type asks of it stays as it is. */
    private Draft held(Draft draft, ElementType type, Kernel.Request request) {
        if (draft.isBits()) {
            return draft;
        }
        if (type.isInteger() && draft.fractionBits() < 0) {
            throw builder.outOfRange("a whole number in ±2^" + draft.range().magnitudeExponent() + " loses its last bits; the ring has "
                    + (StepLog.MAX_MAGNITUDE_BITS - 2));
        }
        return switch (type) {
            case INT8, INT16, UINT8, UINT16, UINT32 -> IntegerKernels.wrapped(builder, draft, type);
            // What a cast from a real beyond the type gives is not defined.
            case INT32 -> request.node().op() instanceof Op.Cast && request.input(0).type().isFloating() ? draft
                    : IntegerKernels.wrapped(builder, draft, type);
            case UINT64 -> {
                if (draft.range().low() < 0) {
                    throw builder.outOfRange("may fall below zero in 64 unsigned bits, and wrap there; the ring has 63");
                }
                yield draft;
            }
            case INT64, FLOAT32, FLOAT64, FLOAT16, BFLOAT16, BOOL, STRING -> draft;
        };
    }

    /** The kernel of each operator; the compiler says which is missing. */
    private static Kernel kernel(Op op) {
        return switch (op) {
            case Op.Binary(var function) -> request -> ElementwiseKernels.binary(request, function);
            case Op.Compare(var relation) -> request -> List.of(LogicKernels.compare(request, relation));
            case Op.Logic(var function) -> request -> List.of(LogicKernels.logic(request, function));
            case Op.Not() -> request -> List.of(request.builder().bits().not(request.value(0)));
            case Op.Where() -> request -> List.of(LogicKernels.where(request));
            case Op.Unary(var function) -> request -> List.of(ElementwiseKernels.unary(request, function));
            case Op.Relu() -> request -> List.of(PoolKernels.relu(request.builder(), request.number(0)));
            case Op.LeakyRelu(double slope) -> request -> List.of(
                    ElementwiseKernels.leakyRelu(request.builder(), request.number(0), slope));
            case Op.Clip(double low, double high) -> request -> List.of(
                    ElementwiseKernels.clip(request.builder(), request.number(0), low, high));
            case Op.Cast(ElementType to) -> request -> List.of(LogicKernels.cast(request, to));
            case Op.MatMul() -> LinearKernels::matmul;
            case Op.Conv conv -> request -> LinearKernels.convolve(request, conv);
            case Op.MaxPool pool -> request -> PoolKernels.maxPool(request, pool);
            case Op.AveragePool pool -> request -> PoolKernels.averagePool(request, pool);
            case Op.Reduce reduce -> request -> List.of(ReductionKernels.reduce(request, reduce));
            case Op.ArgMax argMax -> request -> List.of(ReductionKernels.argMax(request.builder(), request.number(0), argMax));
            case Op.TopK topK -> request -> SortKernels.topK(request.builder(), request.number(0), topK);
            case Op.Softmax(int axis) -> request -> List.of(FunctionKernels.softmax(request.builder(), request.number(0), axis));
            case Op.LogSoftmax(int axis) -> request -> List.of(FunctionKernels.logSoftmax(request.builder(), request.number(0), axis));
            case Op.Movement movement -> request -> List.of(MovementKernels.move(request, movement));
            case Op.GatherSecret gather -> request -> List.of(IndexKernels.gather(request, gather));
            case Op.OneHot oneHot -> request -> List.of(IndexKernels.oneHot(request.builder(), request.number(0), oneHot));
            case Op.CumSum sum -> request -> List.of(IndexKernels.cumulativeSum(request.builder(), request.number(0), sum));
        };
    }
}
