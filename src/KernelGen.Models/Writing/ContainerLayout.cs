namespace KernelGen.Models;

/// <summary>Lays planned tensors out in a container: its header, with all metadata, and the place of each tensor.</summary>
internal static class ContainerLayout
{
    /// <summary>ggml's number for the block layouts that its types have today (GGML_QNT_VERSION).</summary>
    private const uint QuantizationVersion = 2;

    private const string QuantizationVersionKey = "general.quantization_version";

    /// <summary>The files that hold a model: one, or several GGUF files where one would have more bytes of tensors than are wanted.</summary>
    /// <exception cref="ModelFormatException">A tensor cannot be held by the container.</exception>
    public static IReadOnlyList<FileLayout> Of(
        ModelFile model,
        IReadOnlyList<PlannedTensor> tensors,
        ModelContainer container,
        long? splitBytes = null
    )
    {
        if (splitBytes is not null && container != ModelContainer.Gguf)
        {
            throw new ArgumentException($"Only {GgufFile.Extension} models are written to several files.", nameof(splitBytes));
        }
        try
        {
            return container == ModelContainer.Gguf ? Gguf(model, tensors, splitBytes ?? long.MaxValue) : [Safetensors(model, tensors)];
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException(model.Path, e.Message, null, e);
        }
    }

    private static IReadOnlyList<FileLayout> Gguf(ModelFile model, IReadOnlyList<PlannedTensor> tensors, long splitBytes)
    {
        foreach (PlannedTensor tensor in tensors)
        {
            if (tensor.Target.WhyNotGguf(tensor.Source.Shape) is { } why)
            {
                throw new ModelFormatException(model.Path, $"{why}.", tensor.Source.Name);
            }
        }
        List<KeyValuePair<string, GgufValue>> metadata = [.. ContainerMetadata.ForGguf(model)];
        if (tensors.Any(tensor => tensor.Target.IsQuantised) && metadata.All(entry => entry.Key != QuantizationVersionKey))
        {
            metadata.Add(new(QuantizationVersionKey, GgufValue.Of(QuantizationVersion)));
        }
        if (metadata.Exists(entry => entry.Key == "general.architecture") && GgufFileType.Of(tensors) is { } fileType)
        {
            int at = metadata.FindIndex(entry => entry.Key == GgufFileType.Key);
            metadata.RemoveAll(entry => entry.Key == GgufFileType.Key);
            metadata.Insert(at < 0 ? metadata.Count : at, new(GgufFileType.Key, GgufValue.Of(fileType)));
        }
        GgufEntry[] entries =
        [
            .. tensors.Select(t => new GgufEntry(
                t.Source.Name,
                t.Target.Ggml!,
                t.Source.Shape,
                Unused,
                t.Target.Ggml!.IsKnown ? null : t.Source.Bytes
            )),
        ];
        List<List<GgufEntry>> files = Split(entries, splitBytes);
        return files.Count == 1 ? [GgufWriter.Layout(entries, [.. metadata.Where(entry => !GgufSplit.IsKey(entry.Key))])]
            : files.Count <= ushort.MaxValue
                ? [.. files.Select((file, i) => GgufWriter.Layout(file, GgufSplit.Metadata(metadata, i, files.Count, entries.Length)))]
            : throw new ModelFormatException(
                model.Path,
                $"at {splitBytes} bytes a file it makes {files.Count} files; at most {ushort.MaxValue} are possible."
            );
    }

    /// <summary>Tensors by file, in order: as many as stay below a size, but one at least.</summary>
    private static List<List<GgufEntry>> Split(IEnumerable<GgufEntry> tensors, long most)
    {
        List<List<GgufEntry>> files =
        [
            [],
        ];
        long filled = 0;
        foreach (GgufEntry tensor in tensors)
        {
            if (files[^1].Count > 0 && tensor.Bytes > most - filled)
            {
                files.Add([]);
                filled = 0;
            }
            files[^1].Add(tensor);
            filled += tensor.Bytes;
        }
        return files;
    }

    private static FileLayout Safetensors(ModelFile model, IReadOnlyList<PlannedTensor> tensors)
    {
        Dictionary<string, PackedTensor> packed = [];
        Dictionary<string, GgmlTensor> foreign = [];
        List<SafetensorsEntry> entries = [];
        foreach (PlannedTensor planned in tensors)
        {
            ModelTensor tensor = planned.Source;
            if (planned.Target.Dtype is { } dtype)
            {
                entries.Add(new(tensor.Name, dtype, tensor.Shape, Unused));
                continue;
            }
            entries.Add(new(tensor.Name, SafetensorsDtype.U8, [planned.Bytes], Unused));
            if (planned.Target.Format is { } format)
            {
                packed.Add(tensor.Name, Describe(tensor, format.Info));
            }
            else
            {
                foreign.Add(tensor.Name, new(planned.Target.Ggml!.Id, tensor.Shape));
            }
        }
        Dictionary<string, string> metadata = ContainerMetadata.ForSafetensors(model);
        if (packed.Count > 0)
        {
            IEnumerable<FormatInfo> formats = tensors
                .Select(t => t.Target.Format?.Info)
                .OfType<FormatInfo>()
                .Distinct()
                .OrderBy(info => info.Name, StringComparer.Ordinal);
            foreach ((string key, string value) in PackedMetadata.Write(packed, formats))
            {
                metadata[key] = value;
            }
        }
        if (foreign.Count > 0)
        {
            metadata[GgmlMetadata.Key] = GgmlMetadata.Write(foreign);
        }
        return SafetensorsWriter.Layout(entries, metadata);
    }

    private static PackedTensor Describe(ModelTensor tensor, FormatInfo info) =>
        tensor.Rows <= int.MaxValue && PackedSize.Of(info, tensor.Rows, tensor.Columns) is not null
            ? new(info.Name, (int)tensor.Rows, (int)tensor.Columns, tensor.Shape)
            : throw new ModelFormatException(
                tensor.File,
                $"{tensor.Rows} × {tensor.Columns} in {info.Name} are more bytes than one array can hold.",
                tensor.Name
            );

    /// <summary>Entries are for the layout only; their bytes are written at their places later.</summary>
    private static void Unused(Stream stream) => throw new InvalidOperationException("This entry is for the layout only.");
}
