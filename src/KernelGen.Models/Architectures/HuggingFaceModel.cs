using System.Runtime.InteropServices;
using System.Text.Json;

namespace KernelGen.Models;

/// <summary>Turns a checkpoint of transformers into the model that llama.cpp runs: names, rows, hyper-parameters, tokenizer.</summary>
public static class HuggingFaceModel
{
    /// <summary>Whether a model is a checkpoint of transformers, by its config.json and the container.</summary>
    /// <param name="model">The model.</param>
    public static bool IsHuggingFace(this ModelFile model) =>
        !model.IsGguf && ModelType(model) is not null && model.Find(LlamaNames.Ggml.Embedding) is null;

    /// <summary>The model under llama.cpp's names. Both share files; close the one that was opened.</summary>
    /// <param name="model">A checkpoint of transformers.</param>
    /// <exception cref="ModelFormatException">Its architecture, a key of its configuration, a tensor or its tokenizer is not known.</exception>
    public static ModelFile ForLlamaCpp(this ModelFile model)
    {
        string type = ModelType(model) ?? "";
        DecoderArchitecture architecture = DecoderArchitecture.Of(type)
            ?? throw new ModelFormatException(
                model.Path,
                $"{LlamaConfig.MetadataKey}: model_type is '{ModelFormatException.Shorten(type)}'; "
                    + $"{string.Join(", ", DecoderArchitecture.All.Select(one => one.ModelType))} are written for llama.cpp. "
                    + "--keep-names writes the tensors under their own names."
            );
        LlamaConfig config = LlamaConfig.Parse(LlamaConfig.TextOf(model)!, model.Path, architecture);
        IReadOnlyDictionary<string, string> names = architecture.Names(Math.Min(config.Layers, model.Tensors.Count));
        List<ModelTensor> tensors = [];
        foreach (ModelTensor tensor in model.Tensors)
        {
            if (LlamaLeftovers.Repeats(model, config, tensor))
            {
                continue;
            }
            string name = names.GetValueOrDefault(tensor.Name)
                ?? throw new ModelFormatException(
                    model.Path,
                    $"it is no tensor of {type} that is known here; --drop leaves it out.",
                    tensor.Name
                );
            bool turned =
                architecture.TurnsNeighbours
                && (name.EndsWith(".attn_q.weight", StringComparison.Ordinal) || name.EndsWith(".attn_k.weight", StringComparison.Ordinal));
            tensors.Add(
                architecture.NormOffset != 0 && DecoderArchitecture.IsNorm(tensor.Name)
                    ? ShiftedVector.Of(tensor, name, architecture.NormOffset)
                    : tensor.Renamed(name, turned ? new RowOrder(tensor, config.HeadSize, back: false) : null)
            );
        }
        Require(model, config, names, tensors);
        if (config.RopeScaling is { LowFactor: not null })
        {
            tensors.Add(Factors(config, model.Path));
        }
        List<KeyValuePair<string, GgufValue>> metadata = [.. Metadata(model, architecture, config)];
        metadata.AddRange(ContainerMetadata.ForGguf(model).Where(entry => !metadata.Exists(other => other.Key == entry.Key)));
        return new(model.Path, "GGUF v3", tensors, metadata, []) { IsForLlamaCpp = true, UnreadDialect = model.UnreadDialect };
    }

    /// <summary><c>model_type</c> of a model's config.json; null if there is none.</summary>
    internal static string? ModelType(ModelFile model)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(LlamaConfig.TextOf(model) ?? "{}");
            return document.RootElement.TryGetProperty("model_type", out JsonElement type) ? type.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Require(ModelFile model, LlamaConfig config, IReadOnlyDictionary<string, string> names, List<ModelTensor> tensors)
    {
        HashSet<string> there = [.. tensors.Select(tensor => tensor.Name)];
        string? missing = names
            .FirstOrDefault(pair => !there.Contains(pair.Value) && !(config.TiedEmbeddings && pair.Key == LlamaNames.HuggingFace.Head))
            .Key;
        if (missing is not null || config.Layers > model.Tensors.Count)
        {
            throw new ModelFormatException(model.Path, "it is missing.", missing ?? LlamaNames.HuggingFace.Of(config.Layers - 1).Query);
        }
    }

    /// <summary>What llama.cpp divides rotary frequencies by, one for each pair of coordinates.</summary>
    private static ModelTensor Factors(LlamaConfig config, string path)
    {
        float[] factors = RotaryTable.Divisors(config);
        RawFloatFile.LittleEndian(factors);
        byte[] bytes = MemoryMarshal.AsBytes(factors.AsSpan()).ToArray();
        return new(
            LlamaLeftovers.Factors,
            [factors.Length],
            TensorStorage.Of(SafetensorsDtype.F32),
            bytes.Length,
            ByteSource.Of(bytes, path),
            0
        );
    }

    private static IEnumerable<KeyValuePair<string, GgufValue>> Metadata(
        ModelFile model,
        DecoderArchitecture architecture,
        LlamaConfig config
    )
    {
        string a = architecture.Name,
            folder = Directory.Exists(model.Path) ? model.Path : Path.GetDirectoryName(Path.GetFullPath(model.Path))!;
        yield return new("general.architecture", GgufValue.Of(a));
        yield return new("general.type", GgufValue.Of("model"));
        yield return new("general.name", GgufValue.Of(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))));
        yield return new($"{a}.block_count", GgufValue.Of((uint)config.Layers));
        yield return new($"{a}.context_length", GgufValue.Of((uint)(config.MaxPositions ?? 2048)));
        yield return new($"{a}.embedding_length", GgufValue.Of((uint)config.HiddenSize));
        yield return new($"{a}.feed_forward_length", GgufValue.Of((uint)config.IntermediateSize));
        yield return new($"{a}.attention.head_count", GgufValue.Of((uint)config.Heads));
        yield return new($"{a}.attention.head_count_kv", GgufValue.Of((uint)config.KeyValueHeads));
        yield return new($"{a}.attention.key_length", GgufValue.Of((uint)config.HeadSize));
        yield return new($"{a}.attention.value_length", GgufValue.Of((uint)config.HeadSize));
        yield return new($"{a}.attention.layer_norm_rms_epsilon", GgufValue.Of((float)config.NormEpsilon));
        yield return new($"{a}.rope.dimension_count", GgufValue.Of((uint)config.HeadSize));
        yield return new($"{a}.rope.freq_base", GgufValue.Of((float)config.RopeTheta));
        yield return new($"{a}.vocab_size", GgufValue.Of((uint)config.VocabularySize));
        if (config.RopeScaling is { LowFactor: null } linear)
        {
            yield return new($"{a}.rope.scaling.type", GgufValue.Of("linear"));
            yield return new($"{a}.rope.scaling.factor", GgufValue.Of((float)linear.Factor));
        }
        foreach (ConfigNumber own in architecture.Numbers)
        {
            double value = config.Own.GetValueOrDefault(own.Key, own.Null ?? 0);
            yield return new($"{a}.{own.Ggml}", own.IsInteger ? GgufValue.Of((uint)value) : GgufValue.Of((float)value));
        }
        foreach (KeyValuePair<string, GgufValue> entry in GgufTokenizer.Of(model, folder, config.VocabularySize))
        {
            yield return entry;
        }
    }
}
