namespace KernelGen.Models;

/// <summary>One way of storing quantised weights in several tensors of a safetensors file.</summary>
internal interface IDialect
{
    /// <summary>The tensor that one represents, together with its parts; null if it is none of this dialect.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="codes">A tensor that may hold the codes.</param>
    /// <exception cref="ModelFormatException">It is of this dialect, and its parts do not fit together.</exception>
    DialectTensor? Read(Checkpoint checkpoint, ModelTensor codes);
}

/// <summary>What a dialect makes of several tensors.</summary>
/// <param name="Name">Name of the weight.</param>
/// <param name="Storage">Name of the dialect, with its bits and groups.</param>
/// <param name="Shape">Shape of the weight, slowest first.</param>
/// <param name="Values">Its values.</param>
/// <param name="Parts">The tensors that it is stored in.</param>
internal sealed record DialectTensor(
    string Name,
    string Storage,
    IReadOnlyList<long> Shape,
    DecodedTensor Values,
    IReadOnlyList<ModelTensor> Parts
);
