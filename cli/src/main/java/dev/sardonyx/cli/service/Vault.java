package dev.sardonyx.cli.service;

import dev.sardonyx.cli.service.ServiceException.Kind;
import dev.sardonyx.secureops.execute.ShareBytes;
import dev.sardonyx.secureops.execute.WeightStore;
import dev.sardonyx.secureops.plan.LanedPlan;
import dev.sardonyx.secureops.plan.PlanCodec;
import dev.sardonyx.secureops.plan.PlanDigest;
import dev.sardonyx.secureops.plan.PlanFormatException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import javax.crypto.SecretKey;

/**
 * The models of one party on its disk: a share file each, which holds the plan and this party's shares of the weights. A version that the
 * parties are about to accept lies beside the accepted one until they have: a party that dies meanwhile has both when it starts again, and
 * takes the one that the others took.
 */
final class Vault {
    private static final String SUFFIX = ".shares";
    private static final String PREPARED = SUFFIX + ".next";
    static final int LONGEST_PLAN = 1 << 28;
    private static final int KEY_BYTES = 32;

    /** A model read back. */
    record Stored(Manifest manifest, LanedPlan plan, WeightStore weights, long bytes) {
    }

    /** A model that was received and waits to be accepted. */
    record Staged(Manifest manifest, Path file) {
    }

    private final Path directory;
    private final int party;
    private final int components;
    private final SecretKey key;
    private final VersionLedger ledger;

    /**
     * @param shareKey file of 64 hexadecimal digits, readable by its owner only
     * @param components components of this party's shares
     */
    Vault(Path directory, Path shareKey, int party, int components) {
        PrivateFiles.requireOwnerOnly(shareKey);
        this.directory = directory;
        this.party = party;
        this.components = components;
        this.key = readKey(shareKey);
        try {
            PrivateFiles.directory(directory);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, "*.part")) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "shares cannot be used: " + FileTrouble.writing(e, directory), e);
        }
        this.ledger = new VersionLedger(shareKey.resolveSibling(shareKey.getFileName() + ".versions"), key);
    }

    private static SecretKey readKey(Path file) {
        try {
            byte[] bytes = HexFormat.of().parseHex(Files.readString(file).strip());
            if (bytes.length == KEY_BYTES) {
                return ShareFile.key(bytes);
            }
        } catch (IllegalArgumentException | CharacterCodingException e) {
            // Said below.
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "share key: " + FileTrouble.reading(e, file), e);
        }
        throw new ServiceException(Kind.BAD_REQUEST, file + " holds no key of " + KEY_BYTES + " bytes in hexadecimal");
    }

    private Path file(String name) {
        return directory.resolve(name + SUFFIX);
    }

    private Path prepared(String name) {
        return directory.resolve(name + PREPARED);
    }

    /** The newest version of a name that ever was, 0 for none. */
    long newest(String name) {
        return ledger.entry(name).map(VersionLedger.Entry::version).orElse(0L);
    }

    /** Who deployed the version of a name that is here, readable or not. */
    Optional<String> owner(String name) {
        return ledger.entry(name).filter(entry -> !entry.removed()).map(VersionLedger.Entry::owner);
    }

    /**
     * Keeps a stream of plan and shares, encrypted, apart from the accepted models.
     *
     * @throws ServiceException of kind BUSY where the disk is full or fails
     */
    Staged stage(Manifest manifest, InputStream content) {
        Path file = directory.resolve(UUID.randomUUID() + ".part");
        try {
            try (var out = new ShareFile.Writer(PrivateFiles.create(file), key, manifest.label())) {
                content.transferTo(out);
            }
            return new Staged(manifest, file);
        } catch (IOException e) {
            deleteQuietly(file);
            throw new ServiceException(Kind.BUSY, "party " + party + " cannot store the model: " + FileTrouble.reason(e), e);
        } catch (RuntimeException e) {
            deleteQuietly(file);
            throw e;
        }
    }

    void discard(Staged staged) {
        deleteQuietly(staged.file());
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is deleted when the party starts again.
        }
    }

    /** Keeps a staged model beside the accepted one of its name, where a restart finds it, and looks whether it could be accepted. */
    void prepare(Staged staged) {
        try {
            ledger.rehearse();
            PrivateFiles.replace(staged.file(), prepared(staged.manifest().name()));
        } catch (IOException e) {
            throw new ServiceException(Kind.BUSY, "party " + party + " cannot store the model: " + FileTrouble.reason(e), e);
        }
    }

    /** Makes the prepared model the accepted one of its name. The ledger comes first: by it a restart finds what was meant. */
    void accept(Manifest manifest) {
        try {
            ledger.put(manifest.name(), new VersionLedger.Entry(manifest.version(), false, manifest.owner()));
            PrivateFiles.replace(prepared(manifest.name()), file(manifest.name()));
        } catch (IOException e) {
            throw new ServiceException(Kind.BUSY, "party " + party + " cannot store the model: " + FileTrouble.reason(e), e);
        }
    }

    /** Deletes the prepared model of a name, if any. */
    void dropPrepared(String name) {
        deleteQuietly(prepared(name));
    }

    /** Deletes a model; its versions stay used. */
    void remove(String name) {
        try {
            ledger.put(name, new VersionLedger.Entry(newest(name), true, owner(name).orElse("")));
            Files.deleteIfExists(file(name));
            Files.deleteIfExists(prepared(name));
        } catch (IOException e) {
            throw new ServiceException(Kind.BUSY, "party " + party + " cannot remove the model: " + FileTrouble.reason(e), e);
        }
    }

    /** @throws ServiceException where the staged file is not what it should be */
    Stored read(Staged staged) {
        return read(staged.file(), staged.manifest().name());
    }

    /**
     * Every model, or why it cannot be used, by name.
     *
     * @param trouble told of each model that cannot be used
     */
    Map<String, Stored> readAll(java.util.function.BiConsumer<String, String> trouble) {
        var models = new TreeMap<String, Stored>();
        ledger.all().forEach((name, entry) -> {
            if (entry.removed()) {
                deleteQuietly(file(name));
                return;
            }
            try {
                finishAccepting(name, entry);
                Stored stored = read(file(name), name);
                if (stored.manifest().version() < entry.version()) {
                    throw new ServiceException(Kind.REFUSED, "its shares are of version " + stored.manifest().version() + ", but version " + entry.version()
                            + " was here before: an older copy was put back");
                }
                models.put(name, stored);
            } catch (ServiceException e) {
                trouble.accept(name, String.valueOf(e.getMessage()));
            }
        });
        return models;
    }

    /** A party that died between noting a version and putting it in its place does the latter now. */
    private void finishAccepting(String name, VersionLedger.Entry entry) {
        try {
            if (Files.exists(prepared(name)) && read(prepared(name), name).manifest().version() == entry.version()) {
                PrivateFiles.replace(prepared(name), file(name));
            }
        } catch (IOException | ServiceException unreadable) {
            // What is said of the accepted one tells it.
        }
    }

    /**
     * Models that were about to be accepted when this party ended, newer than the accepted ones, by name. Which the parties take is found
     * by comparing with the others.
     */
    Map<String, Stored> readPrepared() {
        var models = new TreeMap<String, Stored>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + PREPARED)) {
            for (Path file : files) {
                String fileName = String.valueOf(file.getFileName());
                String name = fileName.substring(0, fileName.length() - PREPARED.length());
                try {
                    Stored stored = read(file, name);
                    if (stored.manifest().version() > newest(name)) {
                        models.put(name, stored);
                    } else {
                        deleteQuietly(file);
                    }
                } catch (ServiceException unreadable) {
                    // The accepted one is here all the same; the next deployment takes this one's place.
                }
            }
        } catch (IOException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "shares cannot be used: " + FileTrouble.writing(e, directory), e);
        }
        return models;
    }

    private Stored read(Path file, String name) {
        try (var in = new ShareFile.Reader(Files.newInputStream(file), key)) {
            Manifest manifest = Manifest.parse(in.label());
            if (!manifest.name().equals(name) || manifest.party() != party) {
                throw new ServiceException(Kind.REFUSED, "share file " + file.getFileName() + " belongs to model '" + manifest.name() + "' at party "
                        + manifest.party());
            }
            int length = new DataInputStream(in).readInt();
            if (length < 0 || length > LONGEST_PLAN) {
                throw new ServiceException(Kind.BAD_REQUEST, "a plan of " + length + " bytes; expected at most " + LONGEST_PLAN);
            }
            LanedPlan plan = PlanCodec.decode(in.readNBytes(length));
            if (!PlanDigest.hex(plan.plan()).equals(manifest.planHash())) {
                throw new ServiceException(Kind.REFUSED, "model '" + name + "': the plan's hash is not the announced one");
            }
            var shares = new ShareBytes(plan, components);
            if (shares.weightBytes() > Files.size(file)) {
                // Before room is made for them: a plan of a few bytes may speak of weights beyond all memory.
                throw new ServiceException(Kind.REFUSED, "model '" + name + "': the plan takes " + shares.weightBytes() + " bytes of shares, which the "
                        + Files.size(file) + " bytes stored do not hold");
            }
            WeightStore weights = shares.readWeights(in);
            return new Stored(manifest, plan, weights, Files.size(file));
        } catch (PlanFormatException e) {
            throw new ServiceException(Kind.BAD_REQUEST, "model '" + name + "': " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ServiceException(Kind.REFUSED, "model '" + name + "': its shares cannot be read: " + FileTrouble.reason(e), e);
        }
    }
}
