namespace KernelGen.Gpu;

/// <summary>
/// What a device has to know of a format: how a unit of 32 weights is decoded. The generator writes one struct per format; the
/// kernels, which are shared, are compiled for each. Constants are folded by the device's compiler.
/// </summary>
/// <remarks>Implementations hold only what ILGPU compiles: no doubles, no arrays, no references.</remarks>
public interface IGpuFormat
{
    /// <summary>Levels that a group of threads copies to shared memory before it decodes; 0 for none, at most <see cref="GpuKernels.TableLevels"/>.</summary>
    static abstract int TableLevels { get; }

    /// <summary>Whether there are outliers: lists by <see cref="GpuOutlierList"/>.</summary>
    static abstract bool HasOutliers { get; }

    /// <summary>
    /// Whether every level is a binary16 number and no scale changes within a half of a unit: tensor units then multiply levels,
    /// which rounds no weight, and sums are scaled. Other formats give them scaled weights, rounded.
    /// </summary>
    static abstract bool HasHalfLevels { get; }

    /// <summary>The arrays of a matrix, from where a row begins in each.</summary>
    /// <param name="source">The arrays of the matrix.</param>
    /// <param name="shape">Its numbers.</param>
    /// <param name="row">The row.</param>
    static abstract GpuSource OfRow(GpuSource source, GpuShape shape, int row);

    /// <summary>The levels of a unit, before they are scaled.</summary>
    /// <param name="source">The arrays of the row.</param>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="unit">The unit in the row.</param>
    static abstract GpuUnit Decode(GpuSource source, GpuShape shape, int unit);

    /// <summary>The same for a sum of all of them: if one is NaN, one is, not always the same.</summary>
    /// <param name="source">The arrays of the row.</param>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="unit">The unit in the row.</param>
    static abstract GpuUnit DecodeToSum(GpuSource source, GpuShape shape, int unit);

    /// <summary>The scales and offsets of a unit.</summary>
    /// <param name="source">The arrays of the row.</param>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="unit">The unit in the row.</param>
    static abstract GpuScales Scales(GpuSource source, GpuShape shape, int unit);

    /// <summary>The kept weights of a unit as bits, all of them in formats without sparsity.</summary>
    /// <param name="source">The arrays of the row.</param>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="unit">The unit in the row.</param>
    static abstract uint Kept(GpuSource source, GpuShape shape, int unit);

    /// <summary>What codes are to <see cref="GpuInt8"/>: 0 no integers, 1 bytes, 2 halves of bytes, the odd ones 16 times too large.</summary>
    static abstract int IntegerKind { get; }

    /// <summary>Whether a unit has one scale; else there is one for each half, or more.</summary>
    static abstract bool HasOneRun { get; }

    /// <summary>Whether there are offsets.</summary>
    static abstract bool HasOffsets { get; }

    /// <summary>The integer that a byte of 0 means.</summary>
    static abstract int IntegerLowest { get; }

    /// <summary>The level of the integer 1, a power of two.</summary>
    static abstract float IntegerStep { get; }

    /// <summary>The codes of a unit as bytes, in the order of <see cref="GpuInt8"/>.</summary>
    /// <param name="source">The arrays of the row.</param>
    /// <param name="shape">The numbers of the matrix.</param>
    /// <param name="unit">The unit in the row.</param>
    static abstract GpuBytes Bytes(GpuSource source, GpuShape shape, int unit);

    /// <summary>The weights of a unit, scaled in the order of the reference.</summary>
    /// <param name="levels">Its levels.</param>
    /// <param name="scales">Its scales.</param>
    static abstract GpuUnit Weights(GpuUnit levels, GpuScales scales);

    /// <summary>A unit's weights times activations; sums are scaled once per group.</summary>
    /// <param name="levels">Its levels.</param>
    /// <param name="scales">Its scales.</param>
    /// <param name="x">The activations.</param>
    static abstract float Dot(GpuUnit levels, GpuScales scales, GpuUnit x);

    /// <summary>The value of an outlier.</summary>
    /// <param name="entry">Its place in the span in the upper half, its bits in the lower.</param>
    static abstract float Outlier(uint entry);

    /// <summary>What a weight becomes where there is an outlier: their sum, or the outlier alone if the weight is coded as zero.</summary>
    /// <param name="weight">The weight as its code gives it.</param>
    /// <param name="outlier">The outlier.</param>
    static abstract float WithOutlier(float weight, float outlier);
}

/// <summary>How many activation vectors a matvec kernel takes, as a constant of its compilation.</summary>
public interface IGpuBatch
{
    /// <summary>1 to <see cref="GpuKernels.MatVecBatch"/>.</summary>
    static abstract int Count { get; }
}

/// <summary>The batches of matvec kernels.</summary>
public static class GpuBatch
{
    /// <summary>One activation vector.</summary>
    public readonly struct One : IGpuBatch
    {
        /// <inheritdoc/>
        public static int Count => 1;
    }

    /// <summary>Two activation vectors.</summary>
    public readonly struct Two : IGpuBatch
    {
        /// <inheritdoc/>
        public static int Count => 2;
    }

    /// <summary>Three activation vectors.</summary>
    public readonly struct Three : IGpuBatch
    {
        /// <inheritdoc/>
        public static int Count => 3;
    }

    /// <summary>Four activation vectors.</summary>
    public readonly struct Four : IGpuBatch
    {
        /// <inheritdoc/>
        public static int Count => 4;
    }
}
