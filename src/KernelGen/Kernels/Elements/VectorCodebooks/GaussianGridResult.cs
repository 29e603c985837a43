using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace KernelGen.Kernels.Elements;

/// <summary>A trained grid and how it came about.</summary>
/// <param name="dimension">Dimension of the entries.</param>
/// <param name="points">The entries one after the other, in order of their coordinates.</param>
/// <param name="errors">Mean squared error per number at the start of every iteration, on that iteration's samples.</param>
/// <param name="error">Mean squared error per number on fresh samples.</param>
/// <param name="standardError">Its standard error.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GaussianGridResult(int dimension, float[] points, double[] errors, double error, double standardError)
{
    /// <summary>Dimension of the entries.</summary>
    public int Dimension { get; } = dimension;

    /// <summary>Number of entries.</summary>
    public int Count => points.Length / Dimension;

    /// <summary>The entries one after the other.</summary>
    public ReadOnlySpan<float> Points => points;

    /// <summary>Mean squared error per number at the start of every iteration, on that iteration's samples.</summary>
    public IReadOnlyList<double> Convergence => errors;

    /// <summary>Mean squared error per number on samples that were not trained on.</summary>
    public double MeanSquaredError { get; } = error;

    /// <summary>Standard error of <see cref="MeanSquaredError"/>.</summary>
    public double StandardError { get; } = standardError;

    /// <summary>What <c>kernelgen grid</c> prints: the error by iteration and at the end.</summary>
    public string Report()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"grid of {Count} entries in {Dimension} dimensions, {Math.Log2(Count) / Dimension:0.###} bits\n"
        );
        for (int i = 0; i < Convergence.Count; i = Math.Max(i + 1, i * 3 / 2))
        {
            text.Append(CultureInfo.InvariantCulture, $"iteration {i, 4}: {Convergence[i]:0.000000}\n");
        }
        double shannon = Math.Pow(Count, -2.0 / Dimension);
        text.Append(
            CultureInfo.InvariantCulture,
            $"fresh samples: {MeanSquaredError:0.000000} ± {StandardError:0.000000}, {MeanSquaredError / shannon:0.000} × Shannon\n"
        );
        return text.ToString();
    }

    /// <summary>
    /// The grid as C#: a property of type <c>ReadOnlySpan&lt;float&gt;</c>, whose data lie in the assembly. Coordinates
    /// are rounded to thousandths, which adds 10⁻⁷ to the error.
    /// </summary>
    /// <param name="indent">Spaces before every line.</param>
    public string ToSource(int indent = 4)
    {
        const int lineLength = 138;
        var text = new StringBuilder();
        string margin = new(' ', indent);
        text.Append(
            CultureInfo.InvariantCulture,
            $"{margin}/// <summary>{Count} points of dimension {Dimension}; mean squared error {MeanSquaredError:0.00000} ± "
                + $"{StandardError:0.00000}.</summary>\n"
        );
        text.Append(CultureInfo.InvariantCulture, $"{margin}public static ReadOnlySpan<float> Grid{Dimension}x{Count} =>\n{margin}[\n");
        var line = new StringBuilder();
        foreach (float point in points)
        {
            string number = point.ToString(".###", CultureInfo.InvariantCulture);
            number = number is "" or "-" ? "0f," : number + "f,";
            if (indent + 4 + line.Length + number.Length > lineLength)
            {
                text.Append(margin).Append("    ").Append(line).Append('\n');
                line.Clear();
            }
            line.Append(number);
        }
        text.Append(margin).Append("    ").Append(line).Append('\n').Append(margin).Append("];\n");
        return text.ToString();
    }
}
