package dev.sardonyx.cli.service;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Why a file cannot be read, in plain words: Java often gives a path alone, and the reason in the name of a class. */
final class FileTrouble {
    private FileTrouble() {
    }

    /**
     * A sentence that begins with the file's path.
     *
     * @param files those that were to be read, for what does not say which one it is about
     */
    static String told(IOException failure, Path... files) {
        String said = String.valueOf(failure.getMessage());
        return switch (failure) {
            case NoSuchFileException e -> e.getFile() + " does not exist";
            case AccessDeniedException e -> e.getFile() + " may not be read by this user";
            case FileSystemException e when e.getReason() == null -> e.getFile() + " cannot be read (" + e.getClass().getSimpleName() + ")";
            case CharacterCodingException e -> named(files) + " is not text in UTF-8";
            default -> Arrays.stream(files).filter(Files::isDirectory).findFirst().map(directory -> directory + " is a directory; expected a file")
                    .orElse(Arrays.stream(files).anyMatch(file -> said.startsWith(file.toString())) ? said : named(files) + " cannot be read: " + said);
        };
    }

    private static String named(Path... files) {
        return String.join(" or ", List.of(files).stream().map(Path::toString).toList());
    }
}
