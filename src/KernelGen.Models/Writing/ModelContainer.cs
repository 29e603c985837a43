namespace KernelGen.Models;

/// <summary>Containers that models are written to.</summary>
public enum ModelContainer
{
    /// <summary>safetensors; packed tensors are U8 bytes that the metadata describe.</summary>
    Safetensors,

    /// <summary>GGUF version 3; formats whose bytes are a type of ggml.</summary>
    Gguf,
}

/// <summary>Names of containers.</summary>
public static class ModelContainers
{
    /// <summary>The container that a file's name asks for; null if it asks for none.</summary>
    /// <param name="path">Path of the file.</param>
    public static ModelContainer? Of(string path) =>
        path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) ? ModelContainer.Gguf
        : path.EndsWith(SafetensorsFile.Extension, StringComparison.OrdinalIgnoreCase) ? ModelContainer.Safetensors
        : null;

    /// <summary>The extension of a container's files.</summary>
    /// <param name="container">The container.</param>
    public static string Extension(this ModelContainer container) =>
        container == ModelContainer.Gguf ? GgufFile.Extension : SafetensorsFile.Extension;
}
