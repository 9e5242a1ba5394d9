package dev.sardonyx.cli.service;

/** Says that this party takes no part in what an owner asked all parties for, so that the others wait for it no longer. */
record Excuses(int party, Mesh mesh, Rendezvous rendezvous) {
    /**
     * Takes no part.
     *
     * @param id identity of the request, as the owner gave it to all parties
     * @param why what the others tell the owner, where they have nothing to say themselves
     */
    void send(String id, ServiceException why) {
        if (party == Mesh.LEADER) {
            mesh.drop(id, why);
        } else {
            rendezvous.decline(id);
        }
    }
}
