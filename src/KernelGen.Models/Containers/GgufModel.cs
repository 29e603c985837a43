namespace KernelGen.Models;

/// <summary>Opens GGUF files as models.</summary>
internal static class GgufModel
{
    public static ModelFile Open(string path, FormatCatalog catalog)
    {
        GgufFile file = GgufFile.Open(path);
        ModelTensor[] tensors =
        [
            .. file.Tensors.Select(tensor => new ModelTensor(
                tensor.Name, tensor.Shape, TensorStorage.Of(tensor.Type, catalog), tensor.Bytes, file.Source, file.Header.DataStart + tensor.Offset)),
        ];
        return new(path, $"GGUF v{file.Header.Version}", tensors, file.Header.Metadata, [file]);
    }
}
