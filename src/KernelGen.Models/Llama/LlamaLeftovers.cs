namespace KernelGen.Models;

/// <summary>
/// Tensors of a model besides its matrices and norms: those that only repeat what is known are checked and passed over, any other is
/// refused, because a result without it would be wrong.
/// </summary>
internal static class LlamaLeftovers
{
    /// <summary>What old checkpoints keep of the rotary frequencies, once a layer.</summary>
    private const string InverseFrequencies = ".rotary_emb.inv_freq";

    /// <summary>What llama.cpp divides rotary frequencies by.</summary>
    public const string Factors = "rope_freqs.weight";

    private const int ComparedBytes = 1 << 20;

    /// <summary>The factors of a GGUF file; none if it has none.</summary>
    public static float[] RotaryFactors(ModelFile model, LlamaConfig config)
    {
        if (!config.NeighbouringPairs || model.Find(Factors) is not { } tensor)
        {
            return [];
        }
        float[] factors = new TensorRows(tensor).ReadAll();
        return factors.Length == config.HeadSize / 2 && factors.All(factor => factor > 0 && float.IsFinite(factor))
            ? factors
            : throw new ModelFormatException(model.Path, $"it has to hold {config.HeadSize / 2} finite numbers above 0.", Factors);
    }

    /// <summary>Throws if a tensor would be left out of the arithmetic.</summary>
    public static void Refuse(ModelFile model, LlamaConfig config, Func<string, bool> isUsed)
    {
        foreach (ModelTensor tensor in model.Tensors.Where(tensor => !isUsed(tensor.Name)))
        {
            bool known = config.NeighbouringPairs ? tensor.Name == Factors : Repeats(model, config, tensor);
            if (!known)
            {
                throw new ModelFormatException(model.Path, "it is no part of the Llama that is computed here.", tensor.Name);
            }
        }
    }

    /// <summary>Whether a tensor of a checkpoint of transformers only repeats what others say.</summary>
    public static bool Repeats(ModelFile model, LlamaConfig config, ModelTensor tensor) =>
        tensor.Name == LlamaNames.HuggingFace.Head
            ? config.TiedEmbeddings && model.Find(LlamaNames.HuggingFace.Embedding) is { } embedding && Same(tensor, embedding)
            : tensor.Name.EndsWith(InverseFrequencies, StringComparison.Ordinal) && AreFrequencies(tensor, config);

    /// <summary>A head in a model with tied embeddings is the embedding once more, or the model is not what it says.</summary>
    private static bool Same(ModelTensor head, ModelTensor embedding)
    {
        if (head.Storage != embedding.Storage || head.Bytes != embedding.Bytes)
        {
            return false;
        }
        byte[] a = new byte[ComparedBytes],
            b = new byte[ComparedBytes];
        for (long at = 0; at < head.Bytes; at += ComparedBytes)
        {
            int length = (int)Math.Min(ComparedBytes, head.Bytes - at);
            head.ReadBytes(at, a.AsSpan(0, length));
            embedding.ReadBytes(at, b.AsSpan(0, length));
            if (!a.AsSpan(0, length).SequenceEqual(b.AsSpan(0, length)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool AreFrequencies(ModelTensor tensor, LlamaConfig config)
    {
        const double precision = 0.01; // they may have been stored in bfloat16
        double[] expected = RotaryTable.Frequencies(config);
        return tensor.Storage.IsReadable
            && tensor.Count == expected.Length
            && new TensorRows(tensor).ReadAll().Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) <= precision * pair.Second);
    }
}
