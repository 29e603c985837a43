namespace KernelGen;

/// <summary>How a product treats the activations.</summary>
public enum MatVecPrecision
{
    /// <summary>
    /// Activations and sums in float32: error at most 4·√columns·2⁻²⁴ of Σ|w·x|. Of a format with offsets, whose repacked rows add products
    /// with levels and with offsets apart, of Σ(|level·scale| + |offset|)·|x|, which is more where the two cancel; of a rotated format the
    /// bound of
    /// <see cref="Kernels.Coding.RotatedKernels{TInner}"/>.
    /// </summary>
    Float = 0,

    /// <summary>
    /// Activations as signed bytes in groups of 32, integer dot products, float32 across groups: the error of rounding
    /// activations to 8 bits, about 5·10⁻³ of the result's magnitude. What ggml does. Activations of 10⁻²⁷ to 10³⁴ give the same digits;
    /// larger ones may overflow on the way to a finite result, as a group's scale is multiplied by sums of codes, and those below 10⁻³⁶ are
    /// 0.
    /// </summary>
    Int8 = 1,

    /// <summary>
    /// Activations as two signed bytes each: about 15 bits, an error of about 2·10⁻⁵, at some twice the work of Int8; for the same range of
    /// activations.
    /// </summary>
    Int8TwoDigits = 2,
}
