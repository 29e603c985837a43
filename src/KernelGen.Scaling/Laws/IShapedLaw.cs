namespace KernelGen.Scaling;

/// <summary>A law whose parameters depend on choices made before the fit.</summary>
internal interface IShapedLaw
{
    /// <summary>The choices.</summary>
    LawOptions Options { get; }
}
