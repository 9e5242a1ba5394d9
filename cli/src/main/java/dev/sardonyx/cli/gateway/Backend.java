package dev.sardonyx.cli.gateway;

import dev.sardonyx.graph.Tensor;
import java.util.Map;
import java.util.Optional;

/** What runs the models of a gateway. Safe for several threads. */
public interface Backend extends AutoCloseable {
    /**
     * A model by its name, as it is now.
     *
     * @throws GatewayException 404 where there is none that this gateway offers
     */
    ModelFace model(String name);

    /** As {@link #model}, from whoever runs it, where that may have changed since. */
    default ModelFace look(String name) {
        return model(name);
    }

    /**
     * Runs a model once.
     *
     * @param inputs by name, of the face's shapes, but for rows of which there may be fewer
     * @throws dev.sardonyx.cli.service.ServiceException where the parties refuse or fail
     * @throws GatewayException 409 where the model is no longer what the face says
     */
    Answered run(ModelFace model, Map<String, Tensor> inputs);

    /**
     * An answer.
     *
     * @param requestId as it stands in the parties' logs
     */
    record Answered(Map<String, Tensor> outputs, String requestId) {
    }

    /** Why a model cannot be run now; empty where it can. Says so within seconds, and {@link #model} then gives the one that was looked at. */
    default Optional<String> trouble(ModelFace model) {
        return trouble();
    }

    /** Why nothing can be asked now; empty where all is well. Says so within seconds, whatever hangs. */
    Optional<String> trouble();

    @Override
    void close();
}
