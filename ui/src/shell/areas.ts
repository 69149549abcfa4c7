/** The order of the menu; what the server adds comes behind. */
export const AREAS = ['sales', 'crm', 'purchasing', 'stock', 'manufacturing', 'workshop', 'quality', 'money', 'support', 'people', 'reports', 'other', 'administration'];

const LABELS: Record<string, string> = {
  sales: 'Sales',
  crm: 'Customers and deals',
  purchasing: 'Purchasing',
  stock: 'Stock',
  manufacturing: 'Manufacturing',
  workshop: 'Workshop',
  quality: 'Quality',
  money: 'Money',
  support: 'Support',
  people: 'People',
  reports: 'Reports',
  other: 'More',
  administration: 'Administration',
};

/** An area nobody named here is called as the server calls it. */
export const areaLabel = (area: string) => LABELS[area] ?? area.charAt(0).toUpperCase() + area.slice(1);
export const areaOrder = (area: string) => (AREAS.includes(area) ? AREAS.indexOf(area) : AREAS.indexOf('other'));
