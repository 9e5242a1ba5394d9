package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.PartySession;
import dev.sardonyx.secureops.protocol.PartyValue;
import dev.sardonyx.transport.Deadline;
import dev.sardonyx.transport.Phase;
import dev.sardonyx.transport.TlsChannel;
import dev.sardonyx.transport.TrafficSnapshot;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/** A party's part in predictions. */
final class Predictions {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final int REMEMBERED = 100_000;

    private final PartyFile file;
    private final Mesh mesh;
    private final Models models;
    private final Rendezvous rendezvous;
    private final Excuses excuses;
    private final MemoryBudget inputs;
    private final MemoryBudget work;
    private final Quota quota = new Quota();
    /** Identities that the leader gave numbers to, the oldest forgotten first. */
    private final Set<String> used = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    }));

    /** @param clients how many clients may ask for predictions at present */
    Predictions(PartyFile file, Mesh mesh, Models models, Rendezvous rendezvous, IntSupplier clients) {
        this.file = file;
        this.mesh = mesh;
        this.models = models;
        this.rendezvous = rendezvous;
        this.excuses = new Excuses(file.party(), mesh, rendezvous);
        this.inputs = new MemoryBudget(Math.max(1, file.limits().memory() / 4), file.limits().requestMemory(), clients);
        this.work = new MemoryBudget(file.limits().memory() - file.limits().memory() / 4, file.limits().requestMemory(), clients);
    }

    static String checkedId(String id) {
        if (!ID.matcher(id).matches()) {
            throw new ServiceException(Kind.BAD_REQUEST, "malformed request identity; expected 32 hexadecimal digits");
        }
        return id;
    }

    /** Bytes that requests take now. */
    long memory() {
        return inputs.held() + work.held();
    }

    /** Requests that wait for memory. */
    int waiting() {
        return work.waiting();
    }

    /** Answers one request; its body is read here. */
    void answer(TlsChannel channel, Envelope asked, PartyFile.Client client) throws InterruptedException {
        String id = checkedId(asked.field("id"));
        boolean leads = file.party() == Mesh.LEADER;
        try {
            if (!client.may(PartyFile.Right.PREDICT)) {
                throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not ask for predictions");
            }
            Models.Held held = models.get(asked.field("model"), client);
            if (!client.may(PartyFile.Right.PREDICT, held.manifest().name()) || !held.manifest().mayQuery(client.name())) {
                throw new ServiceException(Kind.REFUSED, "client '" + client.name() + "' may not query model '" + held.manifest().name() + "'");
            }
            quota.spend(client);
            if (held.manifest().version() != asked.number("version")) {
                throw new ServiceException(Kind.REFUSED, "model '" + held.manifest().name() + "' is of version " + held.manifest().version()
                        + " at party " + file.party() + ", not " + asked.number("version"));
            }
            if (asked.bodyLength() != held.shares().inputBytes()) {
                throw new ServiceException(Kind.BAD_REQUEST, "inputs of " + asked.bodyLength() + " bytes; the plan says " + held.shares().inputBytes());
            }
            mesh.session();
            Reply reply;
            try (var room = inputs.take("a request's input", client.name(), asked.bodyLength())) {
                List<Map<String, PartyValue>> shares = held.shares().inputs(asked.body(channel, Deadline.in(file.limits().deadline())));
                reply = leads ? lead(id, client, held, shares) : follow(id, client, held, shares);
            }
            reply.envelope.send(channel, reply.body);
        } catch (RuntimeException | Error e) {
            turnDown(id, Troubles.asService(e));
            throw e;
        }
    }

    /** This party takes no part in a request: the others need not wait for it. */
    void turnDown(String id, ServiceException why) {
        if (ID.matcher(id).matches()) {
            excuses.send(id, why);
        }
    }

    private record Reply(Envelope envelope, byte[] body) {
    }

    private Reply lead(String id, PartyFile.Client client, Models.Held held, List<Map<String, PartyValue>> shares) throws InterruptedException {
        if (!used.add(id)) {
            throw new ServiceException(Kind.REFUSED, "a request of this identity was made before");
        }
        try (var room = work.await("a request for model '" + held.manifest().name() + "'", client.name(), held.memory(), Deadline.in(file.limits().deadline()))) {
            Mesh.Session session = mesh.session();
            PartySession.Model model = held.model(session);
            PartySession.Request request = session.order(Envelope.of("run", "id", id, "client", client.name(), "model", held.manifest().name(), "version",
                    String.valueOf(held.manifest().version())));
            return run(session, request, model, held, shares);
        }
    }

    private Reply follow(String id, PartyFile.Client client, Models.Held held, List<Map<String, PartyValue>> shares) throws InterruptedException {
        Rendezvous.Order order = rendezvous.take(id);
        Envelope word = order.word();
        boolean same = word.verb().equals("run") && word.field("client").equals(client.name()) && word.field("model").equals(held.manifest().name())
                && word.number("version") == held.manifest().version();
        PartySession.Model model;
        try {
            if (!same) {
                throw new ServiceException(Kind.REFUSED, "party 0 was asked for something else under this request's identity");
            }
            model = held.model(order.session());
        } catch (ServiceException e) {
            order.cancel();
            throw e;
        }
        return run(order.session(), order.request(), model, held, shares);
    }

    private Reply run(Mesh.Session session, PartySession.Request request, PartySession.Model model, Models.Held held,
            List<Map<String, PartyValue>> shares) {
        long start = System.nanoTime();
        try {
            PartySession.Result result = session.parties().runComparing(request, model, shares);
            long nanos = System.nanoTime() - start;
            TrafficSnapshot traffic = result.traffic();
            return new Reply(Envelope.of(Envelope.OK, "nanos", String.valueOf(nanos),
                    "preprocessing-bytes", String.valueOf(traffic.total(Phase.PREPROCESSING).bytes()),
                    "online-bytes", String.valueOf(traffic.total(Phase.ONLINE).bytes()),
                    "messages", String.valueOf(traffic.messages()),
                    "preprocessing-rounds", String.valueOf(traffic.depth(Phase.PREPROCESSING)),
                    "rounds", String.valueOf(traffic.depth(Phase.ONLINE)),
                    "peak-live-bytes", String.valueOf(result.peakLiveBytes())), held.shares().outputs(result.outputs()));
        } catch (RuntimeException e) {
            if (Troubles.endsSession(e)) {
                session.fail(String.valueOf(Troubles.asService(e).getMessage()));
            }
            throw e;
        }
    }
}
