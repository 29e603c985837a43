namespace KernelGen.Models;

/// <summary>Rows of a tensor in memory: all of them, or some at even distances where a tensor has more values than wanted.</summary>
public sealed class TensorSample
{
    private TensorSample(ModelTensor tensor, float[] values, int rows, TensorStatistics statistics)
    {
        Tensor = tensor;
        Values = values;
        Rows = rows;
        Statistics = statistics;
    }

    /// <summary>The tensor.</summary>
    public ModelTensor Tensor { get; }

    /// <summary><c>Rows × Columns</c> values.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>Rows that were read.</summary>
    public int Rows { get; }

    /// <summary>Columns of the tensor.</summary>
    public int Columns => (int)Tensor.Columns;

    /// <summary>Statistics of the values.</summary>
    public TensorStatistics Statistics { get; }

    /// <summary>The row of the tensor that a row of the sample is.</summary>
    internal long SourceRow(int row) => RowOf(Tensor, Rows, row);

    private static long RowOf(ModelTensor tensor, int rows, int row) => rows == tensor.Rows ? row : tensor.Rows * row / rows;

    /// <summary>Tensors that quantisation is about: two or more dimensions, enough values, readable as numbers.</summary>
    /// <param name="model">The model.</param>
    public static IEnumerable<ModelTensor> Candidates(ModelFile model) =>
        model.Tensors.Where(tensor =>
            tensor.Storage.IsReadable
            && tensor.Shape.Count >= 2
            && !Checkpoint.IsPart(tensor.Name)
            && tensor.Count >= QuantizationRules.FewestValues
            && tensor.Columns <= Array.MaxLength / sizeof(float)
        );

    /// <summary>Reads rows.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="most">Values to read at most, though one row at least.</param>
    /// <exception cref="ModelFormatException">A value is not finite.</exception>
    public static TensorSample Read(ModelTensor tensor, long most)
    {
        most = Math.Min(most, Array.MaxLength);
        int columns = (int)tensor.Columns,
            rows = (int)Math.Clamp(most / Math.Max(1, columns), 1, Math.Max(1, tensor.Rows));
        var values = new float[checked(rows * columns)];
        var reader = new TensorRows(tensor);
        if (rows == tensor.Rows)
        {
            reader.Read(0, rows, values);
        }
        else
        {
            for (int row = 0; row < rows; row++)
            {
                reader.Read(RowOf(tensor, rows, row), 1, values.AsSpan(row * columns, columns));
            }
        }
        TensorStatistics statistics = TensorStatistics.Measure(values);
        if (!float.IsFinite(statistics.AbsMax))
        {
            int bad = Array.FindIndex(values, value => !float.IsFinite(value));
            throw new ModelFormatException(
                tensor.File,
                $"a value is {values[bad]}; the error of a format needs finite values.",
                tensor.Name
            );
        }
        return new(tensor, values, rows, statistics);
    }
}
