namespace KernelGen.Scaling;

/// <summary>The last stage of a representation: what stores the (kept) values.</summary>
internal abstract class Quantiser
{
    public abstract string Name { get; }

    public abstract string Family { get; }

    /// <summary>The format with fused kernels, or null if values are quantised at run time only.</summary>
    public abstract CompressedFormat? Format { get; }

    public abstract int Block { get; }

    public abstract bool TensorWide { get; }

    /// <summary>Whether each row has a scale of its own.</summary>
    public abstract bool PerRow { get; }

    /// <summary>The error on Gaussian values where it is known without measuring.</summary>
    public virtual double? ExactGmse => null;

    /// <summary>Weights that share a value; 1 if none do.</summary>
    public virtual int Sharing => 1;

    /// <summary>Bits per value of a large matrix.</summary>
    public abstract double Bits { get; }

    /// <summary>Bits of a whole matrix.</summary>
    public abstract double MatrixBits(int rows, int columns);

    public abstract void RoundTrip(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> result, Parallelism parallelism);
}

/// <summary>A declared format.</summary>
internal sealed class FormatQuantiser(CompressedFormat format) : Quantiser
{
    public override string Name => format.Info.Name;

    public override string Family => format.Info.Family;

    public override CompressedFormat Format => format;

    public override int Block => format.Info.Block;

    public override bool TensorWide => format.Info.TensorHeader is not null;

    public override bool PerRow => format.Info.Group == ScaleGroup.Row;

    public override double? ExactGmse => CapacityProbe.ExactGmse(format.Info);

    public override double Bits => format.Info.BitsPerWeight;

    public override double MatrixBits(int rows, int columns) => 8.0 * format.Info.PackedBytes(rows, columns);

    public override void RoundTrip(ReadOnlyMemory<float> values, int rows, int columns, Memory<float> result, Parallelism parallelism) =>
        format.RoundTrip(values, rows, columns, result, parallelism);
}
