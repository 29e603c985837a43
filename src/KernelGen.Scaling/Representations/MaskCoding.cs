namespace KernelGen.Scaling;

/// <summary>How an unstructured mask is counted.</summary>
public enum MaskCoding
{
    /// <summary>One bit per value: what a kernel can read at any place.</summary>
    Bitmap = 0,

    /// <summary>The entropy of a mask of that density, −d·log2 d − (1 − d)·log2(1 − d): what an ideal code would spend.</summary>
    Entropy = 1,
}
