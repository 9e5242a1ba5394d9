package dev.sardonyx.test.faults;

import dev.sardonyx.Compiled;
import dev.sardonyx.Protocol;
import dev.sardonyx.secureops.execute.Owner;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.execute.WeightStore;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.random.RandomSource;
import dev.sardonyx.transport.TlsIdentity;
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

    private final List<String> addresses;
    private final TlsIdentity identity;
    private final String name;

    Deployer(List<String> addresses, TlsIdentity identity, String name) {
        this.addresses = addresses;
        this.identity = identity;
        this.name = name;
    }

    private static String hash(Compiled compiled) {
        return PlanDigest.hex(compiled.plan());
    }

    /** Fresh shares of a model's weights, one party's of them. */
    private static byte[] shares(Compiled compiled, int party) throws IOException {
        var protocol = Protocol.REPLICATED_3.implementation();
        List<WeightStore> weights = new Owner(protocol, RandomSource.secure()).weights(compiled.plans(), compiled.weights());
        var bytes = new ByteArrayOutputStream();
        new ShareBytes(compiled.plans(), protocol.components(party).size()).writeWeights(weights.get(party), bytes);
        return bytes.toByteArray();
    }

    /**
     * Deploys a model for each party and gathers what the parties say last.
     *
     * @param honest whether each party is told the hash of the plan that it is given; else that of {@link #PLAN}
     */
    List<Intruder.Told> deploy(List<Compiled> models, boolean honest) throws IOException {
        var parts = new ArrayList<Part>();
        for (int party = 0; party < addresses.size(); party++) {
            parts.add(new Part(models.get(party), hash(honest ? models.get(party) : PLAN), shares(models.get(party), party)));
        }
        return send(parts);
    }

    /** Deploys a model of which the shares are given. */
    List<Intruder.Told> deploy(Compiled model, List<byte[]> shares) throws IOException {
        return send(shares.stream().map(share -> new Part(model, hash(model), share)).toList());
    }

    private record Part(Compiled model, String hash, byte[] shares) {
        byte[] body() throws IOException {
            var bytes = new ByteArrayOutputStream();
            var out = new DataOutputStream(bytes);
            byte[] plan = PlanCodec.encode(model.plans());
            out.writeInt(plan.length);
            out.write(plan);
            out.write(shares);
            return bytes.toByteArray();
        }
    }

    private List<Intruder.Told> send(List<Part> parts) throws IOException {
        var random = new Random();
        String id = "%016x%016x".formatted(random.nextLong(), random.nextLong());
        var intruders = new ArrayList<Intruder>();
        var told = new ArrayList<Intruder.Told>();
        try {
            for (int party = 0; party < addresses.size(); party++) {
                var intruder = Intruder.connect(addresses.get(party), identity).visit();
                intruders.add(intruder);
                byte[] body = parts.get(party).body();
                intruder.envelope("deploy", body.length, "id", id, "model", name, "version", "1", "plan", parts.get(party).hash(), "allowed", "");
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
