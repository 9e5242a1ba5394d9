package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.reference.files.Tensors;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.secureops.protocol.Protocol;
import dev.sardonyx.secureops.protocol.ShareMismatchException;
import dev.sardonyx.secureops.random.RandomSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A model that a cluster's parties hold in shares; the data owner's side of predictions. Safe for several threads. */
public final class RemoteModel {
    private static final int TRIES = 4;
    private static final long FIRST_PAUSE_MILLIS = 200;

    private final RemoteCluster cluster;
    private final String name;
    private final long version;
    private final LanedPlan plan;
    private final Protocol protocol;
    private final Owner owner;

    RemoteModel(RemoteCluster cluster, String name, long version, LanedPlan plan) {
        this.cluster = cluster;
        this.name = name;
        this.version = version;
        this.plan = plan;
        this.protocol = cluster.protocol().implementation();
        this.owner = new Owner(protocol, RandomSource.secure());
        if (!plan.lanes().stream().allMatch(lane -> lane.plan().protocol().equals(protocol.name()))) {
            throw new ServiceException(Kind.REFUSED, "model '" + name + "' is planned for protocol " + plan.lanes().getFirst().plan().protocol()
                    + "; the cluster runs " + protocol.name());
        }
    }

    public String name() {
        return name;
    }

    public long version() {
        return version;
    }

    /** The plan that all lanes run: what it reveals and to whom is in it. */
    public Plan plan() {
        return plan.lanes().getFirst().plan();
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
        boolean rows = first.size() == 1 && first.getFirst() > 0 && plan().outputs().stream().map(output -> plan().value(output.value()).shape())
                .allMatch(shape -> shape.rank() > 0 && shape.dim(0) == first.getFirst());
        return rows ? OptionalInt.of(first.getFirst()) : OptionalInt.empty();
    }

    /**
     * An answer and what it took.
     *
     * @param requestId identity of the request, as it stands in the parties' logs
     * @param seconds the longest time that a party took
     * @param totalSeconds with sharing, both ways over the network, and joining
     * @param bytesPerParty payload that each party sent the others
     */
    public record Answer(Map<String, Tensor> outputs, String requestId, double seconds, double totalSeconds, long[] bytesPerParty, int rounds) {
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
        return new Answer(cut, answer.requestId(), answer.seconds(), answer.totalSeconds(), answer.bytesPerParty(), answer.rounds());
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
                if (attempt == TRIES || e.kind() != Kind.BUSY && e.kind() != Kind.PARTY_FAILED) {
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
        List<RemoteCluster.Answer> answers = cluster.each(party -> cluster.ask(party, envelope, bytes(party).inputs(shares.get(party))));
        List<List<Map<String, PartyValue>>> outputs = new ArrayList<>();
        long[] sent = new long[answers.size()];
        double seconds = 0;
        int rounds = 0;
        for (int party = 0; party < answers.size(); party++) {
            RemoteCluster.Answer answer = answers.get(party);
            outputs.add(bytes(party).outputs(answer.body()));
            sent[party] = answer.envelope().number("bytes");
            seconds = Math.max(seconds, answer.envelope().number("nanos") / 1e9);
            rounds = Math.max(rounds, (int) answer.envelope().number("rounds"));
        }
        Map<String, Tensor> joined = owner.outputs(plan, outputs);
        return new Answer(joined, id, seconds, (System.nanoTime() - start) / 1e9, sent, rounds);
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
