/* The scale of a display that does not exist.
 *
 * omni.ui asks the display how large to draw. Without one it takes 1; loaded before omni.ui, these two functions answer
 * in place of its own, so that pictures can be taken at any scale. Nothing else of omni.ui is touched.
 */
float headless_scale = 1.0f;

float _ZN4omni2ui10standalone22HeadlessVulkanPlatform11getDpiScaleEj(void *self, unsigned window)
{
    (void)self, (void)window;
    return headless_scale;
}

float _ZN4omni2ui10standalone22HeadlessVulkanPlatform20getAppWindowDpiScaleEPv(void *self, void *window)
{
    (void)self, (void)window;
    return headless_scale;
}
