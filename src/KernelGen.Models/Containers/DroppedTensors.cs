using System.Text.RegularExpressions;

namespace KernelGen.Models;

/// <summary>Leaves tensors out of a model.</summary>
public static class DroppedTensors
{
    /// <summary>
    /// The model without the tensors whose names match any of the patterns. Both share files; close the one that was opened.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="patterns">Regular expressions, see <see cref="TensorPattern"/>.</param>
    /// <exception cref="QuantizationRuleException">An expression is wrong, or matches nothing.</exception>
    public static ModelFile Without(this ModelFile model, IReadOnlyCollection<string> patterns)
    {
        if (patterns.Count == 0)
        {
            return model;
        }
        HashSet<ModelTensor> dropped = [];
        foreach (string pattern in patterns)
        {
            Regex expression = TensorPattern.Of(pattern);
            ModelTensor[] found = [.. model.Tensors.Where(tensor => expression.IsMatch(tensor.Name))];
            if (found.Length == 0)
            {
                throw QuantizationRuleException.NothingMatches(model, pattern);
            }
            dropped.UnionWith(found);
        }
        return new(model.Path, model.Container, [.. model.Tensors.Where(tensor => !dropped.Contains(tensor))], model.Metadata, [])
        {
            UnreadDialect = model.UnreadDialect,
        };
    }
}
