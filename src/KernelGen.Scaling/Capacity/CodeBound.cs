namespace KernelGen.Scaling;

/// <summary>Which codes a bound admits.</summary>
public enum CodeBound
{
    /// <summary>Any code: D = 2^(−2R).</summary>
    Shannon = 0,

    /// <summary>Scalar codes of fixed length: the Lloyd–Max error.</summary>
    Scalar = 1,
}
