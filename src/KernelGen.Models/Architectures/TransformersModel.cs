namespace KernelGen.Models;

/// <summary>Turns a model that llama.cpp runs back into a checkpoint of transformers: names, rows, norms and config.json.</summary>
public static class TransformersModel
{
    private const string Architecture = "general.architecture";

    /// <summary>Metadata that are made again for each file, or that config.json says.</summary>
    private static readonly string[] Replaced =
    [
        Architecture,
        GgufFileType.Key,
        "general.quantization_version",
        "general.alignment",
        "general.type",
    ];

    /// <summary>Whether a model is one that llama.cpp runs.</summary>
    /// <param name="model">The model.</param>
    public static bool IsLlamaCpp(this ModelFile model) => model.IsGguf && model.FindMetadata(Architecture) is not null;

    /// <summary>
    /// The model under transformers' names, with a <c>config.json</c> in its metadata. Both share files; close the one that was opened.
    /// </summary>
    /// <param name="model">A model that llama.cpp runs.</param>
    /// <exception cref="ModelFormatException">Its architecture, one of its metadata or a tensor is not known.</exception>
    public static ModelFile ForTransformers(this ModelFile model)
    {
        DecoderArchitecture architecture = ArchitectureOf(model);
        LlamaConfig config = new GgufLlamaConfig(model, architecture).Read();
        if (model.Find(LlamaLeftovers.Factors) is { } factors)
        {
            config = config with { RopeScaling = ScalingOf(model, architecture, config, factors) };
        }
        Dictionary<string, string> names = architecture
            .Names(Math.Min(config.Layers, model.Tensors.Count))
            .ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
        SafetensorsDtype dtype = TypeOfMatrices(model);
        ModelTensor[] tensors = [.. model.Tensors.Where(tensor => tensor.Name != LlamaLeftovers.Factors).Select(Renamed)];
        HashSet<string> there = [.. tensors.Select(tensor => tensor.Name)];
        if (
            names.Values.FirstOrDefault(name => !there.Contains(name) && !(config.TiedEmbeddings && name == LlamaNames.HuggingFace.Head)) is
            { } missing
        )
        {
            throw new ModelFormatException(model.Path, "it is missing.", names.First(pair => pair.Value == missing).Key);
        }
        string text = CarriedConfig(model, architecture) ?? TransformersConfig.Write(model, architecture, config, dtype);
        return new(model.Path, "safetensors", tensors, [.. Metadata(model, text)], []);

        ModelTensor Renamed(ModelTensor tensor)
        {
            string name = names.GetValueOrDefault(tensor.Name)
                ?? throw new ModelFormatException(
                    model.Path,
                    $"it is no tensor of {architecture.Name} that is known here; --drop leaves it out, --keep-names keeps all names.",
                    tensor.Name
                );
            bool turned =
                architecture.TurnsNeighbours && tensor.Name.EndsWith("_q.weight", StringComparison.Ordinal)
                || architecture.TurnsNeighbours && tensor.Name.EndsWith("_k.weight", StringComparison.Ordinal);
            return tensor is { Shape.Count: 1, Storage.Dtype: SafetensorsDtype.F32 }
                ? ShiftedVector.Restored(tensor, name, DecoderArchitecture.IsNorm(name) ? architecture.NormOffset : 0, dtype)
                : tensor.Renamed(name, turned ? new RowOrder(tensor, config.HeadSize, back: true) : null);
        }
    }

    private static DecoderArchitecture ArchitectureOf(ModelFile model)
    {
        string name = model.FindMetadata(Architecture)!.ToString();
        string? carried = HuggingFaceModel.ModelType(model);
        return DecoderArchitecture.All.FirstOrDefault(one => one.Name == name && one.ModelType == carried)
            ?? DecoderArchitecture.All.FirstOrDefault(one => one.Name == name)
            ?? throw new ModelFormatException(
                model.Path,
                $"{Architecture} is '{ModelFormatException.Shorten(name)}'; "
                    + $"{string.Join(", ", DecoderArchitecture.All.Select(one => one.Name).Distinct())} have transformers' names here. "
                    + "--keep-names writes the tensors under their own names."
            );
    }

    /// <summary>A config.json that the file carries, written from a checkpoint; null if it has none of this architecture.</summary>
    private static string? CarriedConfig(ModelFile model, DecoderArchitecture architecture) =>
        model.FindMetadata(LlamaConfig.GgufMetadataKey) is { Type: GgufValueType.String } text
        && HuggingFaceModel.ModelType(model) == architecture.ModelType
            ? text.AsString()
            : null;

    /// <summary>The llama3 scaling that gives the factors of the file: its three constants are the same in all models of Meta's.</summary>
    private static RotaryScaling ScalingOf(ModelFile model, DecoderArchitecture architecture, LlamaConfig config, ModelTensor factors)
    {
        float[] values = new TensorRows(factors).ReadAll();
        RotaryScaling? carried = CarriedConfig(model, architecture) is { } text
            ? LlamaConfig.Parse(text, model.Path, architecture).RopeScaling
            : null;
        RotaryScaling scaling = carried ?? new(values.Length > 0 ? values.Max() : 1, LowFactor: 1);
        float[] expected = RotaryTable.Divisors(config with { RopeScaling = scaling });
        return
            expected.Length == values.Length && expected.Zip(values).All(pair => MathF.Abs(pair.First - pair.Second) <= 1e-4f * pair.First)
            ? scaling
            : throw new ModelFormatException(
                model.Path,
                $"they are not those of llama3 scaling by {scaling.Factor} over {scaling.OriginalPositions} positions, "
                    + "so config.json cannot say them.",
                LlamaLeftovers.Factors
            );
    }

    /// <summary>The plain type that most values of matrices have; float32 if none is plain.</summary>
    private static SafetensorsDtype TypeOfMatrices(ModelFile model) =>
        model
            .Tensors.Where(tensor =>
                tensor.Shape.Count > 1 && tensor.Storage.Dtype is SafetensorsDtype.F32 or SafetensorsDtype.F16 or SafetensorsDtype.BF16
            )
            .GroupBy(tensor => tensor.Storage.Dtype!.Value)
            .MaxBy(group => group.Sum(tensor => tensor.Count))
            ?.Key
        ?? SafetensorsDtype.F32;

    /// <summary>config.json, and what it does not say: the tokenizer above all, which goes back into a GGUF file from there.</summary>
    private static IEnumerable<KeyValuePair<string, GgufValue>> Metadata(ModelFile model, string config)
    {
        yield return new("format", GgufValue.Of("pt"));
        yield return new(LlamaConfig.MetadataKey, GgufValue.Of(config));
        foreach ((string key, GgufValue value) in model.Metadata)
        {
            bool carried = key.StartsWith("tokenizer.", StringComparison.Ordinal) || key.StartsWith("general.", StringComparison.Ordinal);
            if (carried && !Replaced.Contains(key))
            {
                yield return new(ContainerMetadata.FromGguf + key, value);
            }
        }
    }
}
