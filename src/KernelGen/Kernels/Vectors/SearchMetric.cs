namespace KernelGen.Kernels.Vectors;

/// <summary>Whether the squared differences of a search are weighted; a type argument, so that unweighted searches pay nothing.</summary>
internal interface ISearchMetric
{
    static abstract bool IsWeighted { get; }
}

/// <summary>All differences count alike.</summary>
internal readonly struct PlainMetric : ISearchMetric
{
    public static bool IsWeighted => false;
}

/// <summary>Every difference is multiplied by the root of its weight before it is squared.</summary>
internal readonly struct WeightedMetric : ISearchMetric
{
    public static bool IsWeighted => true;
}
