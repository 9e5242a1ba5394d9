package dev.sardonyx.importer;

/** Names of operator domains. */
final class Domains {
    /** The domain of the core operators. */
    static final String CORE = "";
    /** The domain of classical models. */
    static final String ML = "ai.onnx.ml";

    /** The domain of what ONNX Runtime's optimiser and quantiser write. */
    static final String CONTRIBUTED = "com.microsoft";

    private Domains() {
    }

    /** The core domain has two names in files. */
    static String normal(String domain) {
        return domain.equals("ai.onnx") ? CORE : domain;
    }

    /** An operator's name as people read it. */
    static String qualified(String domain, String type) {
        return domain.isEmpty() ? type : domain + "." + type;
    }
}
