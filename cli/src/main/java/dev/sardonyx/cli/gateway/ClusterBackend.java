package dev.sardonyx.cli.gateway;

import dev.sardonyx.cli.service.RemoteCluster;
import dev.sardonyx.cli.service.RemoteModel;
import dev.sardonyx.cli.service.ServiceException;
import dev.sardonyx.graph.Tensor;
import dev.sardonyx.secureops.plan.PlanDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The models that a cluster's parties hold. Plans are kept and asked for again when the parties say that they hold another version. */
public final class ClusterBackend implements Backend {
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final RemoteCluster cluster;
    private final Offer offer;
    private final Consumer<RemoteModel> news;
    private final Map<String, RemoteModel> models = new ConcurrentHashMap<>();
    private final Readiness readiness;
    private final Map<String, Readiness> modelReadiness = new ConcurrentHashMap<>();

    /**
     * Which models are offered.
     *
     * @param names empty for all that the parties have
     * @param planHash of the only plan that is accepted, all of it; empty for any
     */
    public record Offer(List<String> names, String planHash) {
        public Offer {
            names = List.copyOf(names);
            if (!planHash.isEmpty() && (!PlanDigest.isHex(planHash) || names.size() != 1)) {
                throw new IllegalArgumentException("expected one model and the whole hash, 64 hexadecimal digits: plans can be made that begin alike");
            }
        }
    }

    /**
     * Takes a cluster over: it is closed with this.
     *
     * @param news told of every plan before it is used
     */
    public ClusterBackend(RemoteCluster cluster, Offer offer, Consumer<RemoteModel> news) {
        this.cluster = cluster;
        this.offer = offer;
        this.news = news;
        this.readiness = new Readiness(cluster::trouble, LOOK);
    }

    @Override
    public ModelFace model(String name) {
        RemoteModel known = models.get(name);
        return ModelFace.of(known == null ? fetch(name) : known);
    }

    @Override
    public ModelFace look(String name) {
        return ModelFace.of(fetch(name));
    }

    private RemoteModel fetch(String name) {
        if (!offer.names().isEmpty() && !offer.names().contains(name)) {
            throw new GatewayException(404, "no such model here; there are " + offer.names());
        }
        RemoteModel model;
        try {
            model = cluster.model(name);
        } catch (ServiceException e) {
            if (e.kind() != ServiceException.Kind.BAD_REQUEST) {
                throw e;
            }
            models.remove(name);
            throw new GatewayException(404, String.valueOf(e.getMessage()));
        }
        if (!offer.planHash().isEmpty() && !model.planHash().equals(offer.planHash())) {
            throw new GatewayException(403, "the parties' plan of model '" + name + "' is " + model.planHash() + ", not " + offer.planHash());
        }
        RemoteModel before = models.put(name, model);
        if (before == null || before.version() != model.version() || !before.planHash().equals(model.planHash())) {
            news.accept(model);
        }
        return model;
    }

    @Override
    public Answered run(ModelFace face, Map<String, Tensor> inputs) {
        RemoteModel model = models.get(face.name());
        if (model == null || model.version() != face.version()) {
            throw changed(face);
        }
        try {
            RemoteModel.Answer answer = model.run(inputs);
            return new Answered(answer.outputs(), answer.requestId());
        } catch (ServiceException e) {
            boolean stale = switch (e.kind()) {
                case REFUSED, BAD_REQUEST -> fetch(face.name()).version() != face.version();
                case BUSY, PARTY_FAILED -> false;
            };
            throw stale ? changed(face) : e;
        }
    }

    private static GatewayException changed(ModelFace face) {
        return new GatewayException(409, "model '" + face.name() + "' has another version since");
    }

    @Override
    public Optional<String> trouble(ModelFace face) {
        return modelReadiness.computeIfAbsent(face.name(), name -> new Readiness(() -> troubleIn(cluster.listing(), name), LOOK)).trouble();
    }

    private Optional<String> troubleIn(RemoteCluster.Listing listing, String name) {
        if (!listing.away().isEmpty()) {
            return Optional.of(String.valueOf(listing.away().getFirst().getMessage()));
        }
        List<RemoteCluster.Listed> held = listing.models().stream().filter(each -> each.name().equals(name)).toList();
        RemoteModel known = models.get(name);
        if (known == null || held.size() < cluster.parties() || held.stream().anyMatch(each -> each.version() != known.version())) {
            // Another one since, or none; which of the two is told best by whoever is asked for it.
            fetch(name);
        }
        return held.stream().filter(each -> !each.state().equals("ready")).findFirst().map(each -> "party " + each.party() + ": " + each.state());
    }

    @Override
    public Optional<String> trouble() {
        return readiness.trouble();
    }

    @Override
    public void close() {
        cluster.close();
    }
}
