namespace KernelGen.Models;

/// <summary>One way to store a tensor.</summary>
/// <param name="Format">The format.</param>
/// <param name="Bytes">Bytes it takes.</param>
/// <param name="Cost">What it adds to the loss: sensitivity times relative squared error.</param>
public sealed record AllocationChoice(CompressedFormat Format, long Bytes, double Cost);

/// <summary>A tensor and the ways to store it.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Choices">The ways, at least one.</param>
public sealed record AllocationItem(string Name, IReadOnlyList<AllocationChoice> Choices);

/// <summary>A choice for each tensor.</summary>
/// <param name="Choices">The choices, in the order of the tensors.</param>
/// <param name="Bytes">Bytes they take together.</param>
/// <param name="Cost">Their costs together.</param>
public sealed record Allocation(IReadOnlyList<AllocationChoice> Choices, long Bytes, double Cost)
{
    internal static Allocation Of(IReadOnlyList<AllocationChoice> choices) =>
        new(choices, choices.Sum(choice => choice.Bytes), choices.Sum(choice => choice.Cost));
}
