package dev.sardonyx.test.faults;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.execute.WeightStore;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.random.RandomSource;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A model owner with a program of its own, which gives each party what it likes. */
final class Deployer {
    /** Two plans of a small model. */
    static final Compiled PLAN = Questions.compiled("logistic", 1);
    static final Compiled OTHER = Questions.compiled("logistic", 2);

    private final FaultCluster cluster;
    private final String name;

    Deployer(FaultCluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    private static String hash(Compiled compiled) {
        return PlanDigest.hex(compiled.plans().lanes().getFirst().plan());
    }

    private static byte[] bundle(Compiled compiled, int party) throws IOException {
        var protocol = Protocol.REPLICATED_3.implementation();
        LanedPlan plan = compiled.plans();
        List<WeightStore> weights = new Owner(protocol, RandomSource.secure()).weights(plan, compiled.weights());
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        byte[] encoded = PlanCodec.encode(plan);
        out.writeInt(encoded.length);
        out.write(encoded);
        new ShareBytes(plan, protocol.components(party).size()).writeWeights(weights.get(party), out);
        return bytes.toByteArray();
    }

    /**
     * Deploys a model for each party and gathers what the parties say last.
     *
     * @param honest whether each party is told the hash of the plan that it is given; else that of {@link #PLAN}
     */
    List<Intruder.Told> deploy(List<Compiled> models, boolean honest) throws IOException {
        var random = new Random();
        String id = "%016x%016x".formatted(random.nextLong(), random.nextLong());
        var intruders = new ArrayList<Intruder>();
        var told = new ArrayList<Intruder.Told>();
        try {
            for (int party = 0; party < FaultCluster.PARTIES; party++) {
                var intruder = Intruder.connect(cluster.address(party), cluster.identity("model-owner")).visit();
                intruders.add(intruder);
                byte[] body = bundle(models.get(party), party);
                intruder.envelope("deploy", body.length, "id", id, "model", name, "version", "1", "plan", hash(honest ? models.get(party) : PLAN), "allowed", "");
                intruder.body(body);
                told.add(intruder.told());
            }
            if (told.stream().allMatch(each -> each.verb().equals("ok"))) {
                told.clear();
                for (Intruder intruder : intruders) {
                    intruder.envelope("commit", 0);
                }
                for (Intruder intruder : intruders) {
                    told.add(intruder.told());
                }
            }
        } finally {
            for (Intruder intruder : intruders) {
                intruder.close();
            }
        }
        return told;
    }
}
