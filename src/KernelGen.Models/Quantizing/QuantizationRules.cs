using System.Text.RegularExpressions;

namespace KernelGen.Models;

/// <summary>Regular expressions over names of tensors. They take time in proportion to the name, for every expression.</summary>
public static class TensorPattern
{
    /// <summary>Reads an expression; it may match any part of a name.</summary>
    /// <param name="pattern">The expression, without look-around and back references, which take unbounded time.</param>
    /// <exception cref="QuantizationRuleException">It is none.</exception>
    public static Regex Of(string pattern)
    {
        try
        {
            return new(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new QuantizationRuleException($"'{pattern}' is no regular expression for names of tensors: {e.Message}");
        }
    }
}

/// <summary>A rule that names tensors by a regular expression.</summary>
/// <param name="Pattern">The expression; it may match any part of a name.</param>
/// <param name="Format">The format; null keeps the tensors as they are.</param>
public sealed record TensorRule(string Pattern, CompressedFormat? Format)
{
    private readonly Regex _expression = TensorPattern.Of(Pattern);

    /// <summary>Whether it speaks of a tensor, by the name it has here or in its checkpoint.</summary>
    /// <param name="tensor">The tensor.</param>
    public bool Matches(ModelTensor tensor) => Matches(tensor.Name) || Matches(tensor.OriginalName);

    /// <summary>Whether it speaks of a tensor.</summary>
    /// <param name="name">Name of the tensor.</param>
    public bool Matches(string name) => _expression.IsMatch(name);
}

/// <summary>
/// What is to become of the tensors of a model. A rule for named tensors beats the format for all, the last of several that
/// match beats the others, and one that matches nothing is an error.
/// </summary>
public sealed record QuantizationRules
{
    /// <summary>
    /// Tensors with fewer values are kept where no rule names them: scales, biases and norms, which cost little and bear little.
    /// </summary>
    public const int FewestValues = 1024;

    /// <summary>The format of tensors that no rule names; null keeps them.</summary>
    public CompressedFormat? Format { get; init; }

    /// <summary>Rules by name, in order.</summary>
    public IReadOnlyList<TensorRule> Rules { get; init; } = [];

    /// <summary>
    /// Whether all tensors of two or more dimensions get <see cref="Format"/>, without exceptions for small ones or for rows that do
    /// not fit.
    /// </summary>
    public bool Pure { get; init; }

    /// <summary>Whether tensors that are quantised already may be quantised again.</summary>
    public bool AllowRequantise { get; init; }
}
