package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.PartyConnections.Question;
import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.RunResult;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.ShareMismatchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A model that a cluster's parties hold in shares; the data owner's side of predictions. Safe for several threads. */
public final class RemoteModel {
    /** A busy party has room soon; one that failed is tried once more, so that trouble is told within seconds. */
    private static final int BUSY_TRIES = 6;
    private static final int FAILED_TRIES = 2;
    private static final long FIRST_PAUSE_MILLIS = 200;

    private final RemoteCluster cluster;
    private final String name;
    private final long version;
    private final LanedPlan plan;
    private final Map<String, String> metadata;
    private final Protocol protocol;
    private final Owner owner;

    RemoteModel(RemoteCluster cluster, String name, long version, LanedPlan plan, Map<String, String> metadata) {
        this.metadata = Map.copyOf(metadata);
        this.cluster = cluster;
        this.name = name;
        this.version = version;
        this.plan = plan;
        this.protocol = cluster.protocol().implementation();
        this.owner = cluster.owner();
        if (!plan.plan().protocol().equals(protocol.name())) {
            throw new ServiceException(Kind.REFUSED, "model '" + name + "' is planned for protocol " + plan.plan().protocol()
                    + "; the cluster runs " + protocol.name());
        }
    }

    public String name() {
        return name;
    }

    /** What the model's owner said of pixels, as the model's {@code metadata_props} have it. */
    public Map<String, String> metadata() {
        return metadata;
    }

    public long version() {
        return version;
    }

    /** The plan that all lanes run: what it reveals and to whom is in it. */
    public Plan plan() {
        return plan.plan();
    }

    public String planHash() {
        return PlanDigest.hex(plan());
    }

    /** Rows of a call, where the model has a batch axis that its inputs share. */
    public OptionalInt batch() {
        if (plan.isCut()) {
            return OptionalInt.of(plan.lanes().stream().mapToInt(LanedPlan.Lane::rows).sum());
        }
        List<Integer> first = plan().inputs().stream().map(input -> plan().value(input.value()).shape()).map(shape -> shape.rank() == 0 ? -1 : shape.dim(0))
                .distinct().toList();
        boolean rows = first.size() == 1 && first.getFirst() > 0 && plan().answers().stream().map(output -> plan().value(output.value()).shape())
                .allMatch(shape -> shape.rank() > 0 && shape.dim(0) == first.getFirst());
        return rows ? OptionalInt.of(first.getFirst()) : OptionalInt.empty();
    }

    /**
     * An answer and what it took.
     *
     * @param result outputs, costs, and seconds: from the first byte sent to the parties until the last one of their answers; the total
     *        adds sharing and joining
     * @param requestId identity of the request, as it stands in the parties' logs
     * @param partySeconds the longest time that a party spent on running the plan
     */
    public record Answer(RunResult result, String requestId, double partySeconds) {
        public Map<String, Tensor> outputs() {
            return result.outputs();
        }
    }

    /**
     * Predicts for inputs of the plan's batch, or fewer rows: the rest is filled with the last row and dropped from the answer. A request
     * that failed for no reason of its own is made again, a few times, under a fresh identity and with fresh shares.
     *
     * @throws ServiceException if the parties refuse or fail
     * @throws dev.sardonyx.secureops.execute.RunException if an input does not fit the plan
     * @throws ShareMismatchException if parties answer with different copies
     */
    public Answer run(Map<String, Tensor> inputs) {
        OptionalInt batch = batch();
        OptionalInt rows = rows(inputs);
        if (batch.isEmpty() || rows.isEmpty() || rows.getAsInt() == batch.getAsInt()) {
            return retrying(inputs);
        }
        if (rows.getAsInt() > batch.getAsInt() || rows.getAsInt() < 1) {
            throw new ServiceException(Kind.BAD_REQUEST, rows.getAsInt() + " rows at once; model '" + name + "' takes 1 to " + batch.getAsInt());
        }
        Map<String, Tensor> filled = new LinkedHashMap<>();
        inputs.forEach((input, tensor) -> filled.put(input, filled(tensor, batch.getAsInt())));
        Answer answer = retrying(filled);
        Map<String, Tensor> cut = new LinkedHashMap<>();
        answer.outputs().forEach((output, tensor) -> cut.put(output, firstRows(tensor, rows.getAsInt())));
        RunResult whole = answer.result();
        return new Answer(new RunResult(cut, whole.seconds(), whole.totalSeconds(), whole.parties(), whole.rounds(), whole.preprocessingRounds(),
                whole.inputBytes(), whole.revealBytes()), answer.requestId(), answer.partySeconds());
    }

    private static OptionalInt rows(Map<String, Tensor> inputs) {
        List<Integer> rows = inputs.values().stream().map(tensor -> tensor.shape().rank() == 0 ? -1 : tensor.shape().dim(0)).distinct().toList();
        return rows.size() == 1 && rows.getFirst() >= 0 ? OptionalInt.of(rows.getFirst()) : OptionalInt.empty();
    }

    private static Tensor filled(Tensor tensor, int rows) {
        List<Tensor> parts = new ArrayList<>(List.of(tensor));
        Tensor last = rowsOf(tensor, tensor.shape().dim(0) - 1, 1);
        for (int row = tensor.shape().dim(0); row < rows; row++) {
            parts.add(last);
        }
        return Tensors.concat(parts);
    }

    private static Tensor firstRows(Tensor tensor, int rows) {
        return rowsOf(tensor, 0, rows);
    }

    private static Tensor rowsOf(Tensor tensor, int from, int count) {
        Shape shape = tensor.shape().with(0, count);
        int row = tensor.shape().size(1, tensor.shape().rank());
        if (tensor.type().isFloating()) {
            return Tensor.ofDoubles(tensor.type(), shape, java.util.Arrays.copyOfRange(tensor.toDoubles(), from * row, (from + count) * row));
        }
        return Tensor.ofLongs(tensor.type(), shape, java.util.Arrays.copyOfRange(tensor.toLongs(), from * row, (from + count) * row));
    }

    private Answer retrying(Map<String, Tensor> inputs) {
        long pause = FIRST_PAUSE_MILLIS;
        for (int attempt = 1;; attempt++) {
            try {
                return once(inputs);
            } catch (ServiceException e) {
                int tries = switch (e.kind()) {
                    case BUSY -> BUSY_TRIES;
                    case PARTY_FAILED -> FAILED_TRIES;
                    case BAD_REQUEST, REFUSED -> 1;
                };
                if (attempt >= tries) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pause));
                pause *= 2;
            }
        }
    }

    /** As {@link #run} for a whole batch, without another try. */
    Answer once(Map<String, Tensor> inputs) {
        long start = System.nanoTime();
        List<List<Map<String, PartyValue>>> shares = owner.inputs(plan, inputs);
        String id = cluster.freshId();
        Envelope envelope = Envelope.of("predict", "id", id, "model", name, "version", String.valueOf(version));
        long shared = System.nanoTime();
        List<PartyConnections.Answer> answers = cluster.connections().together(party -> cluster.connections().ask(party, Question.work(envelope, bytes(party).inputs(shares.get(party)), bytes(party).outputBytes())));
        long answered = System.nanoTime();
        List<List<Map<String, PartyValue>>> outputs = new ArrayList<>();
        List<RunResult.PartyCost> costs = new ArrayList<>();
        double partySeconds = 0;
        int rounds = 0;
        int preprocessingRounds = 0;
        long inputBytes = 0;
        long revealBytes = 0;
        for (int party = 0; party < answers.size(); party++) {
            Envelope told = answers.get(party).envelope();
            outputs.add(bytes(party).outputs(answers.get(party).body()));
            costs.add(new RunResult.PartyCost(told.number("preprocessing-bytes"), told.number("online-bytes"), told.number("messages"),
                    told.number("peak-live-bytes")));
            partySeconds = Math.max(partySeconds, told.number("nanos") / 1e9);
            rounds = Math.max(rounds, (int) told.number("rounds"));
            preprocessingRounds = Math.max(preprocessingRounds, (int) told.number("preprocessing-rounds"));
            inputBytes += bytes(party).inputBytes();
            revealBytes += bytes(party).outputBytes();
        }
        Map<String, Tensor> joined = owner.outputs(plan, outputs);
        double total = (System.nanoTime() - start) / 1e9;
        return new Answer(new RunResult(joined, (answered - shared) / 1e9, total, costs, rounds, preprocessingRounds, inputBytes, revealBytes), id,
                partySeconds);
    }

    ShareBytes bytes(int party) {
        return new ShareBytes(plan, protocol.components(party).size());
    }

    /** All outputs, by name, for all inputs, by name. */
    public Map<String, Tensor> predict(Map<String, Tensor> inputs) {
        return run(inputs).outputs();
    }

    /** The first output for a model's only input. */
    public Tensor predict(Tensor input) {
        List<Plan.InputSpec> inputs = plan().inputs();
        if (inputs.size() != 1) {
            throw new ServiceException(Kind.BAD_REQUEST, "one tensor for a model of " + inputs.size() + " inputs");
        }
        return predict(Map.of(inputs.getFirst().name(), input)).values().iterator().next();
    }

    @Override
    public String toString() {
        return "RemoteModel[" + name + ", version " + version + "]";
    }
}
