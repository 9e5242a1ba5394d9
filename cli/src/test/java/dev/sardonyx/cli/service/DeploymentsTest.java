package dev.sardonyx.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.cli.service.PartyConnections.Question;
import dev.sardonyx.graph.ElementType;
import dev.sardonyx.graph.Op;
import dev.sardonyx.graph.Shape;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.plan.Instruction;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.Plan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanValue;
import dev.sardonyx.secureops.plan.RingData;
import dev.sardonyx.secureops.plan.Step;
import dev.sardonyx.secureops.plan.Visibility;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.TlsChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whose models parties keep, who may ask for them, how much room they take, and what comes of parties that hold different ones. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DeploymentsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static LocalCluster cluster;
    private static RemoteCluster modelOwner;
    private static RemoteCluster dataOwner;
    private static Compiled logistic;

    @TempDir
    Path kept;

    @BeforeAll
    static void start() throws IOException {
        cluster = LocalCluster.prepare(Protocol.REPLICATED_3, List.of("-Xmx128m"));
        for (int party = 0; party < 3; party++) {
            Path file = cluster.partyFile(party);
            Files.writeString(file, Files.readString(file).replace("may: [predict]", "may: [predict, deploy]\n    models: [mine, shared, noted, lasting, unread]").replace("limits:\n",
                    "limits:\n  models-mib: 8\n"));
            cluster.start(party);
        }
        modelOwner = cluster.connect("model-owner");
        dataOwner = cluster.connect("data-owner");
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        logistic = PlanCodecTest.compiled("logistic", 1);
    }

    @AfterAll
    static void stop() {
        dataOwner.close();
        modelOwner.close();
        cluster.close();
    }

    private static String refused(org.junit.jupiter.api.function.Executable action) {
        ServiceException failure = assertThrows(ServiceException.class, action);
        assertEquals(ServiceException.Kind.REFUSED, failure.kind(), failure.getMessage());
        return String.valueOf(failure.getMessage());
    }

    private static void assertContains(String text, String part) {
        assertTrue(text.contains(part), text);
    }

    private static Map<String, Tensor> input(RemoteModel model) {
        var spec = model.plan().inputs().getFirst();
        Shape shape = model.plan().value(spec.value()).shape();
        return Map.of(spec.name(), Tensor.ofDoubles(ElementType.FLOAT32, shape, new double[shape.size()]));
    }

    @Test
    void onlyWhoDeployedAModelReplacesOrRemovesIt() {
        dataOwner.deploy("mine", logistic, List.of());
        assertContains(refused(() -> modelOwner.remove("mine")), "deployed by client 'data-owner'");
        assertContains(refused(() -> modelOwner.deploy("mine", logistic, List.of())), "deployed by client 'data-owner'");
        assertEquals(2, dataOwner.deploy("mine", logistic, List.of()).version());
        dataOwner.remove("mine");
        // Nobody's any more, and its versions stay used.
        assertEquals(3, modelOwner.deploy("mine", logistic, List.of()).version());
        modelOwner.remove("mine");
    }

    @Test
    void rightsExtendToTheModelsThatAreNamed() {
        assertContains(refused(() -> dataOwner.deploy("other", logistic, List.of())), "may not store or remove models of this name");
        modelOwner.deploy("other", logistic, List.of());
        assertContains(refused(() -> dataOwner.model("other")), "may not query");
        // Nor do errors tell its name.
        modelOwner.deploy("noted", logistic, List.of());
        ServiceException none = assertThrows(ServiceException.class, () -> dataOwner.model("mine"));
        assertContains(String.valueOf(none.getMessage()), "no model 'mine' here; there are [noted]");
        modelOwner.remove("noted");
        assertTrue(dataOwner.models().stream().noneMatch(listed -> listed.name().equals("other")));
        modelOwner.remove("other");
    }

    @Test
    void aModelThatMemoryHasNoRoomForIsRefusedBeforeItIsSent() {
        assertContains(refused(() -> modelOwner.deploy("lenet", PlanCodecTest.compiled("lenet", 1), List.of())), "models-mib");
        assertTrue(modelOwner.models().stream().noneMatch(listed -> listed.name().equals("lenet")));
    }

    @Test
    void whatAModelSaysOfPixelsReachesTheDataOwner() {
        Map<String, String> metadata = Map.of("sardonyx.input.scale", "1/128", "sardonyx.input.mean", "0.5,0.25", "author", "stays at home");
        modelOwner.deploy("noted", logistic, List.of(), metadata);
        assertEquals(Map.of("sardonyx.input.scale", "1/128", "sardonyx.input.mean", "0.5,0.25"), dataOwner.model("noted").metadata());
        modelOwner.remove("noted");
    }

    @Test
    void partiesThatHoldDifferentVersionsSayWhichAndAreHealedByAnotherDeployment() throws IOException, InterruptedException {
        Path data = cluster.files().resolve("data/party-1");
        Path ledger = cluster.files().resolve("keys/party-1.shares.versions");
        modelOwner.deploy("shared", logistic, List.of());
        copy(data.resolve("shared.shares"), kept.resolve("shared.shares"));
        copy(ledger, kept.resolve("ledger"));
        assertEquals(2, modelOwner.deploy("shared", logistic, List.of()).version());
        RemoteModel second = dataOwner.model("shared");
        second.run(input(second));
        // Share and ledger together are put back: what party 1 cannot notice by itself.
        cluster.process(1).destroyForcibly().waitFor();
        copy(kept.resolve("shared.shares"), data.resolve("shared.shares"));
        copy(kept.resolve("ledger"), ledger);
        cluster.start(1);
        awaitLinks();
        assertContains(refused(() -> dataOwner.model("shared")), "parties 0 and 1 hold different versions of model 'shared': 2 and 1");
        assertContains(refused(() -> second.once(input(second))), "version 1 at party 1");
        assertEquals(3, modelOwner.deploy("shared", logistic, List.of()).version());
        RemoteModel third = dataOwner.model("shared");
        third.run(input(third));
        modelOwner.remove("shared");
    }

    @Test
    void aPartyThatIsAwayIsSaidToBeAndWhatTheOthersHoldIsListed() throws InterruptedException {
        modelOwner.deploy("listed", logistic, List.of());
        cluster.process(2).destroyForcibly().waitFor();
        RemoteCluster.Listing listing = modelOwner.listing();
        assertEquals(List.of(0, 1), listing.models().stream().filter(each -> each.name().equals("listed")).map(RemoteCluster.Listed::party).toList());
        assertEquals(1, listing.away().size());
        assertContains(String.valueOf(listing.away().getFirst().getMessage()), "party 2");
        cluster.start(2);
        awaitLinks();
        assertEquals(List.of(), modelOwner.listing().away());
        modelOwner.remove("listed");
    }

    @Test
    void aModelForAClientThatNobodyKnowsIsRefused() {
        assertContains(refused(() -> modelOwner.deploy("misspelt", logistic, List.of("data-owner", "data-ovner"))), "knows no client [data-ovner]");
        assertEquals(List.of(), modelOwner.listing().models().stream().filter(each -> each.name().equals("misspelt")).toList());
    }

    private static Envelope deploying(String name, Plan plan) {
        long version = modelOwner.connections().ask(0, Question.of("next", "model", name)).envelope().number("version");
        return Envelope.of("deploy", "id", modelOwner.freshId(), "model", name, "version", String.valueOf(version), "plan", PlanDigest.hex(plan), "allowed", "");
    }

    /** Twice as many are a negative number. */
    @Test
    void aModelOfMoreBytesThanAreCountedIsRefusedBeforeItComes() {
        for (long length : new long[] {1L << 62, Long.MAX_VALUE}) {
            TlsChannel channel = modelOwner.connections().channel(0);
            channel.send(deploying("endless", logistic.plan()).head(length));
            assertContains(refused(() -> Envelope.receive(channel, Deadline.in(PATIENCE)).orThrow()), "remove one, or allow more");
            channel.close();
        }
    }

    /** Few bytes on their way, and more in memory than all models may take. */
    @Test
    void aModelThatGrowsWhereItIsKeptIsRefused() {
        Plan plan = logistic.plan();
        int id = plan.values().size();
        int step = plan.steps().size();
        var values = new ArrayList<>(plan.values());
        var steps = new ArrayList<>(plan.steps());
        for (int extent : new int[] {1, 1 << 21}) {
            values.add(new PlanValue(values.size(), "grown", PlanValue.Kind.NUMBER, Visibility.PUBLIC, Shape.of(extent), 0, 1, false, 64));
        }
        steps.add(new Step(step, "small", "literal", new Instruction.Literal(RingData.of(new long[] {1})), List.of(), List.of(id)));
        steps.add(new Step(step + 1, "large", "movement", new Instruction.Move(new Op.Expand(Shape.of(1 << 21))), List.of(id), List.of(id + 1)));
        var grown = new Plan(plan.model(), plan.protocol(), plan.inputs(), values, steps, plan.outputs(), plan.disclosures());
        byte[] bytes = PlanCodec.encode(LanedPlan.single(grown));
        int shares = (int) new ShareBytes(LanedPlan.single(grown), 2).weightBytes();
        byte[] body = ByteBuffer.allocate(Integer.BYTES + bytes.length + shares).putInt(bytes.length).put(bytes).array();
        assertContains(refused(() -> modelOwner.connections().ask(0, Question.work(deploying("growing", grown), body, 0))), "takes about 16");
    }

    @Test
    void aModelThatCannotBeReadIsStillItsOwnersAlone() throws IOException, InterruptedException {
        modelOwner.deploy("unread", logistic, List.of());
        cluster.process(1).destroyForcibly().waitFor();
        Path shares = cluster.files().resolve("data/party-1/unread.shares");
        Path moved = kept.resolve("moved");
        Files.move(shares, moved);
        cluster.start(1);
        awaitLinks();
        assertContains(refused(() -> dataOwner.connections().ask(1, Question.of("remove", "model", "unread"))), "was deployed by client 'model-owner'");
        assertContains(refused(() -> dataOwner.connections().ask(1, Question.of("next", "model", "unread"))), "was deployed by client 'model-owner'");
        modelOwner.remove("unread");
        assertEquals(2, dataOwner.connections().ask(1, Question.of("next", "model", "unread")).envelope().number("version"));
    }

    @Test
    void aVersionFarAheadIsRefusedSoThatNobodyUsesUpAName() {
        long farthest = 1_000_000;
        Envelope ahead = Envelope.of("deploy", "id", modelOwner.freshId(), "model", "ahead", "version", String.valueOf(farthest + 1), "plan", logistic.planHash(),
                "allowed", "");
        assertContains(refused(() -> modelOwner.connections().ask(0, Question.work(ahead, new byte[8], 0))), "takes at most " + farthest + " more");
    }

    /** As {@link LocalCluster#awaitReady}, whatever becomes of models. */
    private static void awaitLinks() {
        Deadline deadline = Deadline.in(PATIENCE);
        boolean ready = false;
        while (!ready) {
            try {
                ready = modelOwner.connections().each(party -> modelOwner.connections().ask(party, Question.of("status")).envelope().field("links")).stream().allMatch("ready"::equals);
            } catch (ServiceException e) {
                assertTrue(!deadline.expired(), e.getMessage());
            }
            assertTrue(ready || !deadline.expired(), "the parties are not linked in time");
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    @Test
    void aPartyKeepsItsModelsOverARestart() throws InterruptedException {
        long before = modelOwner.deploy("lasting", logistic, List.of()).version();
        for (Process process : Stream.of(0, 1, 2).map(cluster::process).toList()) {
            process.destroy();
            process.waitFor();
        }
        for (int party = 0; party < 3; party++) {
            cluster.start(party);
        }
        cluster.awaitReady(modelOwner, Deadline.in(PATIENCE));
        RemoteModel model = dataOwner.model("lasting");
        assertEquals(before, model.version());
        model.run(input(model));
        modelOwner.remove("lasting");
    }
}
