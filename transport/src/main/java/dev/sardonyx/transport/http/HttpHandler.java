package dev.sardonyx.transport.http;

/** Answers questions. Called in a virtual thread for each, in as many at a time as there are connections; one that takes long looks at the question's asker. */
@FunctionalInterface
public interface HttpHandler {
    HttpAnswer answer(HttpQuestion question);

    /**
     * The answer to a question that was not let through to {@link #answer}.
     *
     * @param why one sentence without anything of the question in it
     */
    default HttpAnswer refused(int status, String why) {
        return HttpAnswer.text(status, "text/plain; charset=utf-8", why + "\n");
    }
}
